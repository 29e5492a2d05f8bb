"""A chain is a full backup and increments, each on the one before, with something to catch in between."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from drill.backups import chain as chains
from drill.backups.chain import LINKS, longest_scheduled, take_chain
from drill.errors import DrillError
from tests.procedures import SHIPPED


class Server:
    """Remembers what was asked of it."""

    def __init__(self, *, makes_increments=True):
        self.written: list[range] = []
        self.taken: list[tuple[str, object, int]] = []
        self._makes = makes_increments

    def require_increments(self):
        if not self._makes:
            raise DrillError("too old", remedy="take a newer one")

    def write(self, numbers):
        self.written.append(numbers)

    def take(self, store, *, parent=None, **_):
        assert store is self
        backup = SimpleNamespace(id=f"backup {len(self.taken)}")
        self.taken.append((backup.id, parent and parent.id, len(self.written)))
        return backup


@pytest.fixture
def server(monkeypatch):
    server = Server()
    monkeypatch.setattr(chains, "take", server.take)
    return server


def test_every_link_builds_on_the_one_before(server):
    taken = take_chain(server, runbook=None)

    assert list(LINKS) == list(taken)
    assert [None, "backup 0", "backup 1", "backup 2"] == [parent for _, parent, _ in server.taken]
    assert [identifier for identifier, _, _ in server.taken] == [backup.id for backup in taken.values()]


def test_something_is_written_between_two_links_and_after_the_last(server):
    take_chain(server, runbook=None)

    assert [0, 1, 2, 3] == [written_before for _, _, written_before in server.taken]
    assert [*range(160)] == [number for numbers in server.written for number in numbers]


def test_nothing_is_taken_of_a_server_that_makes_no_increments(monkeypatch):
    server = Server(makes_increments=False)
    monkeypatch.setattr(chains, "take", server.take)

    with pytest.raises(DrillError, match="too old"):
        take_chain(server, runbook=None)
    assert ([], []) == (server.taken, server.written)


@pytest.mark.parametrize(("hours", "length"), [("7,13,19", 3), ("1-23", 23), ("1", 1), ("0,2", 2)])
def test_a_chain_grows_until_the_next_full_backup(hours, length):
    """The full backup is at one o'clock; what falls on the same moment builds on it."""
    schedule = [
        entry.model_copy(update={"cron": f"0 {hours} * * *"}) if entry.action == "incremental" else entry
        for entry in SHIPPED.schedule
        if entry.procedure == "postgres-physical"
    ]

    assert length == longest_scheduled(SHIPPED.model_copy(update={"schedule": tuple(schedule)}), "postgres-physical")
