"""An older backup is recovered across a switch of timelines that a real standby made, with archiving on."""

from __future__ import annotations

import pytest

from drill.backups.backup import take
from drill.commands.runbook import DONE, REFUSED
from drill.recoveries.comparison import written
from drill.stores import ClusterStore

pytestmark = pytest.mark.postgres

BEFORE, AFTER = range(30), range(30, 60)


@pytest.fixture
def store(open_cluster) -> ClusterStore:
    return open_cluster("postgres-physical")[0]


def fail_over(store, backup, runbook):
    """Have a standby that follows the archive take the lost server's place, and archive into the same archive."""
    store.lose()
    store.provision()
    assert DONE == runbook.restore(store, backup.id).status
    (store.server.data / "recovery.signal").rename(store.server.data / "standby.signal")
    store.server.keep_log()
    store.server.start()
    with store.server.connect("postgres") as connection:
        assert [(True,)] == connection.execute("SELECT pg_is_in_recovery()").fetchall()
        assert [(True,)] == connection.execute("SELECT pg_promote()").fetchall()


def test_an_older_backup_reaches_what_a_promoted_standby_wrote(store, runbook):
    backup = take(store, runbook=runbook)
    store.archive_writes(BEFORE)
    fail_over(store, backup, runbook)
    store.archive_writes(AFTER)
    store.lose()
    store.provision()

    # Without the file that says where the new timeline began, nothing tells that it goes through this backup.
    history = store.keeping.archive / "00000002.history.gz"
    hidden = history.rename(store.keeping.archive.parent / "hidden.gz")
    unreachable = runbook.restore(store, backup.id)
    assert (REFUSED, "timeline-unreachable", []) == (unreachable.status, unreachable.reason, store.leftovers())

    hidden.rename(history)
    assert DONE == runbook.restore(store, backup.id).status
    store.replay()
    assert {*BEFORE, *AFTER} == written(store)
