"""Whether files come back to their owners is told only where there are several, and then a wrong one is noticed."""

import os
from pathlib import Path

import pytest

from drill import policy
from drill.errors import DrillError
from drill.fingerprints import differences
from drill.hosts import AppHost
from drill.stores import HostStore

POLICY = policy.load(Path(__file__).parent.parent / "policy.toml")


@pytest.fixture
def store(tmp_path) -> HostStore:
    host = AppHost(tmp_path)
    for name in ("an", "bình"):
        (host.root / "home" / name).mkdir(parents=True)
    return HostStore(host, POLICY.procedures["user-data"])


def test_files_of_one_user_alone_leave_it_unproven(store):
    with pytest.raises(DrillError, match="belong to one user"):
        store.require_owners()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_file_that_belongs_to_somebody_else_afterwards_is_noticed(store):
    lent = store.host.root / "home/an"
    os.chown(lent, 1001, 1001)
    store.require_owners()
    held = store.fingerprint()
    os.chown(lent, 1001, 1002)

    assert ["owners of home"] == [difference.where for difference in differences(held, store.fingerprint())]
