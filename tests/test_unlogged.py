"""Unlogged tables come back empty; everything else that differs is held against the restore."""

from __future__ import annotations

from datetime import timedelta

import pytest

from drill.backups.backup import Backup
from drill.commands.runbook import DONE, Outcome
from drill.datasets import database
from drill.fingerprints import Kind
from drill.recoveries.unlogged import Unlogged, set_apart
from drill.servers.wal_keeping import WalKeeping
from drill.stores import ClusterStore
from tests.procedures import SHIPPED

TABLE = '"an ""odd"" name"'
PLACES = frozenset(
    {
        f"{database.NAME}: rows of table counting.{TABLE}",
        f'{database.NAME}: state of sequence counting."an ""odd"" name_id_seq"',
    }
)


@pytest.fixture
def store(fresh_postgres, tmp_path):
    keeping = WalKeeping(SHIPPED.procedures["postgres-physical"], tmp_path, tmp_path)
    return ClusterStore(fresh_postgres, keeping)


def does(store, statement):
    with store.server.connect(store.name) as connection:
        connection.execute(statement)


@pytest.mark.postgres
def test_what_a_crash_takes_from_unlogged_tables_is_set_apart_and_nothing_else(store, tmp_path):
    does(store, f"CREATE UNLOGGED TABLE counting.{TABLE} (id serial); CREATE UNLOGGED TABLE counting.void (x int)")
    does(store, f"INSERT INTO counting.{TABLE} DEFAULT VALUES")
    outcome = Outcome((), DONE, timedelta(1), {}, "")
    backup = Backup(outcome, store.fingerprint(), (), 1, 0, tmp_path)
    store.server.kill()
    store.server.start()
    recovered = set_apart(store, backup)
    does(store, f"INSERT INTO counting.{TABLE} DEFAULT VALUES; DELETE FROM counting.alerts WHERE alert_id = 6")
    worse = set_apart(store, backup)

    assert Unlogged(others=(), held=PLACES, kept=frozenset()) == recovered
    assert PLACES == worse.kept
    assert [(Kind.CHANGED, f"{database.NAME}: rows of table counting.alerts")] == [
        (each.kind, each.where) for each in worse.others
    ]
