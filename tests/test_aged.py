"""A log that only age has archived: what age did not do, and what it does not explain, is found."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

from drill.backups.backup import take
from drill.errors import DrillError
from drill.evidence.verdict import Disproof
from drill.losses import aged
from drill.losses.aged import COUNTED_IN, Aged, archived_after, lose_unannounced
from drill.losses.ledger import Loss
from drill.waiting import Patience, StillWaiting, eventually
from tests.procedures import SHIPPED

WRITTEN = "SELECT wal_bytes FROM pg_stat_wal"
SECOND = timedelta(seconds=1)


def nothing_lost():
    return Loss(window=timedelta(0), missing=0, acknowledged=9, holes=(), invented=(), oldest=None)


def test_what_is_lost_is_explained_by_the_age_the_whole_seconds_that_it_is_counted_in_and_the_way():
    found = Aged(nothing_lost(), secured=1, limit=5 * SECOND, delay=SECOND / 2)

    assert 5 * SECOND + COUNTED_IN + SECOND / 2 == found.explained


@pytest.mark.parametrize(
    ("written", "archived", "delay"),
    [
        ({"1": 100.0, "2": 101.0}, {"1": 100.5, "2": 101.1}, 0.5),
        ({"1": 100.0, "2": 101.0}, {"1": 100.5}, 2.0),
        ({}, {}, 0.0),
    ],
)
def test_the_longest_delay_is_that_of_a_segment_that_still_waits_where_that_is_longer(written, archived, delay):
    assert pytest.approx(delay) == aged._longest(written, archived, now=103.0).total_seconds()


def test_the_age_is_that_of_the_policy_and_nothing_else_of_it_changes():
    changed = archived_after(SHIPPED, SECOND)

    assert SECOND == changed.procedures["postgres-physical"].archive_timeout
    assert SHIPPED.procedures["postgres-streaming"] == changed.procedures["postgres-streaming"]


@pytest.mark.postgres
def test_a_server_that_archives_nothing_because_of_its_age_is_disproven(open_cluster, runbook, monkeypatch):
    (store,) = open_cluster("postgres-physical")
    backup = take(store, runbook=runbook)
    with store.server.connect("postgres") as connection:
        connection.execute("ALTER SYSTEM SET archive_timeout = 0")
        connection.execute("SELECT pg_reload_conf()")

    def never(what, probe, patience):
        probe()
        raise StillWaiting(what, remedy="wait longer")

    monkeypatch.setattr(aged, "eventually", never)
    with store.writer() as writer, pytest.raises(Disproof, match="to be archived because of its age"):
        lose_unannounced(store, backup, writer=writer, runbook=runbook, seed=1)


@pytest.mark.postgres
def test_a_segment_that_was_full_was_not_archived_because_of_its_age(open_cluster, monkeypatch):
    (store,) = open_cluster("postgres-physical")

    def full(*_):
        with store.server.connect("postgres") as connection:
            ((before,),) = connection.execute(WRITTEN)
            connection.execute("SELECT pg_logical_emit_message(false, 'much', repeat('x', 17 * 1024 * 1024))")
            eventually(
                "the server to have counted it",
                lambda: connection.execute(f"{WRITTEN} WHERE wal_bytes > %s", [before + 2**24]).fetchall(),
                Patience.SERVER_READY,
            )

    monkeypatch.setattr(aged, "eventually", full)
    with pytest.raises(DrillError, match="it was not age that finished it"):
        aged._await_age(store)


def test_a_procedure_without_an_age_cannot_be_drilled_so():
    store = SimpleNamespace(
        procedure="postgres", keeping=SimpleNamespace(procedure=SimpleNamespace(archive_timeout=None))
    )

    with pytest.raises(DrillError, match="postgres archives nothing because of its age"):
        lose_unannounced(store, None, writer=None, runbook=None, seed=1)
