"""What answers with another's data says so: a replica, and files that are seen through a link out of their host."""

import pytest

from drill.hosts import AppHost
from drill.stores import CacheStore, HostStore
from tests.procedures import SHIPPED

SYSTEM = SHIPPED.procedures["system-configuration"]


def test_a_replica_leans_on_the_server_that_it_copies(blank_redis):
    store = CacheStore(blank_redis)
    assert store.leans_on() is None

    with blank_redis.client() as client:
        client.replicaof("127.0.0.1", 1)

    assert "127.0.0.1:1, as a replica" == store.leans_on()


@pytest.mark.parametrize(("leads_to", "leans"), [("here/etc", False), ("../elsewhere/etc", True)])
def test_files_behind_a_link_lean_on_another_host_where_it_leads_out(tmp_path, leads_to, leans):
    root = tmp_path / "root"
    (root / "here/etc/systemd").mkdir(parents=True)
    (tmp_path / "elsewhere/etc/systemd").mkdir(parents=True)
    (root / "etc").symlink_to(leads_to)
    expected = f"{tmp_path}/elsewhere/etc, by the link etc" if leans else None

    assert expected == HostStore(AppHost(tmp_path), SYSTEM).leans_on()
