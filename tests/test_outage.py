"""A receiver that was away has to come back to what it missed: without its slot it cannot, and that is found."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

from drill.errors import DrillError
from drill.evidence.verdict import Disproof
from drill.losses.outage import interrupted
from drill.stores import ClusterStore
from drill.waiting import eventually


@pytest.fixture
def store(open_cluster) -> ClusterStore:
    return open_cluster("postgres-streaming")[0]


@pytest.mark.postgres
def test_a_receiver_whose_slot_is_gone_never_catches_up(store, runtime, monkeypatch):
    throw_away = store.throw_away_log

    def with_its_slot():
        with store.server.connect("postgres") as connection:
            connection.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots")
        throw_away()

    def hasty(what, probe, _patience):
        return eventually(what, probe, SimpleNamespace(value=timedelta(seconds=2)))

    monkeypatch.setattr(store, "throw_away_log", with_its_slot)
    with store.receiving(runtime), store.writer() as writer:
        monkeypatch.setattr("drill.servers.receiver.eventually", hasty)
        with pytest.raises(Disproof, match="what was written without the receiver never arrived"):
            interrupted(store, writer)


def test_a_store_whose_log_nobody_receives_cannot_be_drilled_so():
    with pytest.raises(DrillError, match="nothing receives the log of postgres-physical"):
        interrupted(SimpleNamespace(procedure="postgres-physical", receiver=None), None)
