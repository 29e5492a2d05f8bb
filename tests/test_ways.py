"""Several ways of keeping the data go through one disaster, and each is told by what it lost and can lose."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

from drill.losses import ways
from drill.losses.ledger import Ledger, Loss
from drill.losses.ways import ARCHIVED, DUMPED, STREAMED, WayLoss, Ways, missed
from drill.losses.worst_loss import WorstLoss
from drill.policy import Objective
from tests.procedures import SHIPPED

HOUR = Objective.parse("< 1 h")
MINUTE = timedelta(minutes=1)


def way(*, lost=timedelta(0), worst=timedelta(0)):
    loss = Loss(window=lost, missing=1, acknowledged=9, holes=(), invented=(), oldest=8)
    return WayLoss("a procedure", loss, WorstLoss(worst, "bad luck"), 8)


@pytest.mark.parametrize(
    ("lost", "worst", "meets"),
    [
        (MINUTE, MINUTE, True),
        (61 * MINUTE, MINUTE, False),
        (MINUTE, 61 * MINUTE, False),
        (MINUTE, 60 * MINUTE, False),
    ],
)
def test_both_the_loss_and_the_worst_case_have_to_be_within_the_objective(lost, worst, meets):
    assert meets == way(lost=lost, worst=worst).meets(HOUR)


def test_a_way_that_misses_says_how_much_it_can_lose_and_why():
    losses = {DUMPED: way(worst=61 * MINUTE), ARCHIVED: way(worst=MINUTE), STREAMED: way(worst=90 * MINUTE)}

    assert ["at worst 1.5 h of acknowledged writes are lost: bad luck"] == missed(
        losses, HOUR, ways=(ARCHIVED, STREAMED)
    )
    assert [] == missed(losses, HOUR, ways=(ARCHIVED,))


class Disaster:
    """One server kept in three ways, and everything that is done to it, in order."""

    def __init__(self, monkeypatch):
        self.done: list[str] = []
        self.tables: list[list[tuple[object, ...]]] = []
        self.ledger = Ledger()
        self.kept_of_log = {0, 1, 2}
        self.ledger.acknowledge(1.0)
        server = SimpleNamespace()
        self.ways = Ways(
            self._store("postgres-physical", server), self._receiver(), self._store("postgres-streaming", server)
        )
        monkeypatch.setattr(ways, "take", self._take)
        monkeypatch.setattr(ways, "lose_and_recover", self._recover)
        monkeypatch.setattr(ways, "written", lambda _: self.kept)
        monkeypatch.setattr(ways, "attach_csv", lambda _, rows: self.tables.append(list(rows)))

    def wait_for(self, _):
        """Acknowledge what only the log has."""
        for acknowledged in (2.0, 3.0):
            self.ledger.acknowledge(acknowledged)

    def wait_to_span(self, span):
        """Note that the disaster waits."""
        self.waited = span - self.ledger.span
        self.done.append("written to")

    def archive_now(self):
        """Acknowledge one more write while the log is archived."""
        self.done.append("archived")
        self.ledger.acknowledge(4.0)

    def _store(self, procedure, server):
        return SimpleNamespace(
            procedure=procedure,
            server=server,
            name="a database",
            lose=lambda: self.done.append("lost"),
            archive_now=self.archive_now,
            keep_now=lambda: self.done.append("streamed"),
        )

    def _receiver(self):
        return SimpleNamespace(stop=lambda: self.done.append("receiver ended"))

    def _take(self, store, **_):
        self.done.append(f"{store.procedure} backed up")
        return SimpleNamespace(id=f"of {store.procedure}", outcome=SimpleNamespace(took=MINUTE))

    def _recover(self, store, _, *, backup_id, **__):
        self.done.append(f"{store.procedure} recovered from {backup_id}")
        self.kept = {"postgres": {0}, "postgres-physical": self.kept_of_log, "postgres-streaming": {0, 1, 2, 3}}[
            store.procedure
        ]


@pytest.fixture
def disaster(monkeypatch):
    disaster = Disaster(monkeypatch)
    monkeypatch.setattr(ways, "time", SimpleNamespace(monotonic=lambda: 10.0))
    return disaster


def test_the_server_is_lost_once_and_recovered_from_what_each_way_kept(disaster):
    disaster.ways.back_up(runbook=None, writer=disaster)
    losses = disaster.ways.lose_and_recover(runbook=None, writer=disaster, policy=SHIPPED, seed=1)

    assert [
        "postgres backed up",
        "postgres-physical backed up",
        "postgres-streaming backed up",
        "archived",
        "streamed",
        "written to",
        "lost",
        "receiver ended",
        "postgres recovered from of postgres",
        "postgres-physical recovered from of postgres-physical",
        "postgres-streaming recovered from of postgres-streaming",
    ] == disaster.done
    assert {DUMPED: 3, ARCHIVED: 1, STREAMED: 0} == {name: found.loss.missing for name, found in losses.items()}
    assert [8, 6, 0] == [found.loss.window.total_seconds() for found in losses.values()]


@pytest.mark.parametrize("seed", [1, 2])
def test_disaster_strikes_when_chance_will_have_it(disaster, seed):
    disaster.ways.back_up(runbook=None, writer=disaster)
    disaster.ways.lose_and_recover(runbook=None, writer=disaster, policy=SHIPPED, seed=seed)

    assert disaster.waited.total_seconds() == pytest.approx({1: 0.26873, 2: 1.91207}[seed], abs=1e-5)


@pytest.mark.parametrize(
    ("kept", "whole"), [({0, 1, 2}, True), ({0, 1, 2, 3}, True), ({0, 1}, False), ({0, 2}, False), (set(), False)]
)
def test_a_way_that_lost_what_it_had_for_sure_is_not_whole_however_little_time_it_is(disaster, kept, whole):
    disaster.kept_of_log = kept
    disaster.ways.back_up(runbook=None, writer=disaster)
    losses = disaster.ways.lose_and_recover(runbook=None, writer=disaster, policy=SHIPPED, seed=1)

    assert {DUMPED: True, ARCHIVED: whole, STREAMED: True} == {name: found.is_whole for name, found in losses.items()}
    assert losses[ARCHIVED].meets(HOUR)


def test_all_of_them_are_shown_in_one_table(disaster):
    disaster.ways.back_up(runbook=None, writer=disaster)
    disaster.ways.lose_and_recover(runbook=None, writer=disaster, policy=SHIPPED, seed=1)
    ((heading, *rows),) = disaster.tables

    assert "RPO-DB < 1 h" == heading[-1]
    assert [
        (DUMPED, 8000, 3, 4, 1, "missed"),
        (ARCHIVED, 6000, 1, 4, 1, "met"),
        (STREAMED, 0, 0, 4, 1, "met"),
    ] == [(row[0], *row[2:6], row[-1]) for row in rows]
