"""The streaming receiver runs beside its server, says why where it cannot, and leaves nothing behind."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import psutil
import pytest

from drill.errors import DrillError
from drill.evidence.journal import Journal
from drill.losses.away import lose_site_and_recover
from drill.policy import Command
from drill.secrecy.encryption import encrypted
from drill.servers.receiver import WalReceiver
from drill.stores import ClusterStore
from drill.waiting import Patience, StillWaiting, eventually

pytestmark = pytest.mark.postgres


@pytest.fixture
def store(open_cluster) -> ClusterStore:
    return open_cluster("postgres-streaming")[0]


def receiving(store, runtime, command=None, **facts):
    """A receiver that runs another command than the shipped one."""
    receive = Command.parse(command) if command else store.keeping.procedure.receive
    keeping = replace(store.keeping, procedure=store.keeping.procedure.model_copy(update={"receive": receive}), **facts)
    return WalReceiver(store.server, keeping, runtime=runtime)


def homes(store, runtime):
    return list(runtime.workspace.directory.glob(f"receiver-{store.server.port}-*"))


def running(store):
    """The processes that keep something in the store's set, by their environment."""
    found = []
    for process in psutil.process_iter():
        try:
            place = process.environ().get("BACKUP_REPOSITORY")
        except (psutil.Error, OSError):
            continue
        found += [process] if place == str(store.keeping.directory.parent) else []
    return found


def test_what_is_written_is_received_and_nothing_stays_but_the_log(store, runtime):
    with receiving(store, runtime):
        during = (len(homes(store, runtime)), len(running(store)) > 0)
        store.finish_segment(with_writes=range(3))
        streamed = store.keeping.directory / "stream"
        eventually(
            "a whole segment", lambda: [e for e in streamed.iterdir() if e.suffix != ".partial"], Patience.WAL_ARCHIVED
        )

    assert (1, True) == during
    assert ([], []) == (homes(store, runtime), running(store))


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (
            "sh -c 'echo error: no-slot: the server has none left >&2; exit 1'",
            "error: no-slot: the server has none left",
        ),
        ("sh -c 'exit 0'", "the receiver ended: ;"),
        ("postgres_wal recieve", "error: wrong-arguments"),
    ],
)
def test_a_receiver_that_ends_says_why_and_leaves_nothing(store, runtime, command, said):
    with pytest.raises(DrillError, match=said), receiving(store, runtime, command):
        pytest.fail("it streams")

    assert ([], []) == (homes(store, runtime), running(store))


def test_a_receiver_that_never_streams_is_ended(store, runtime, monkeypatch):
    def impatient(what, probe, patience):
        probe()
        raise StillWaiting(what, remedy="wait longer")

    monkeypatch.setattr("drill.servers.receiver.eventually", impatient)
    with pytest.raises(StillWaiting, match="the receiver to stream"), receiving(store, runtime, "sleep 300"):
        pytest.fail("it streams")

    assert ([], []) == (homes(store, runtime), running(store))


def test_a_procedure_that_does_not_stream_has_no_receiver(store, runtime):
    archived = replace(store.keeping, procedure=store.keeping.procedure.model_copy(update={"receive": None}))

    with pytest.raises(DrillError, match="postgres-streaming has no receive command"):
        WalReceiver(store.server, archived, runtime=runtime).__enter__()
    assert [] == homes(store, runtime)


def test_a_log_is_not_streamed_in_plain_text_beside_encrypted_backups(store, runtime, policy):
    recipient = encrypted(policy, workspace=runtime.workspace).encryption.recipient

    with pytest.raises(DrillError, match="error: cannot-encrypt: "), receiving(store, runtime, recipient=recipient):
        pytest.fail("it streams")
    assert [] == list(store.keeping.directory.iterdir())


def test_it_outlives_the_server_and_is_then_ended(store, runtime):
    with receiving(store, runtime) as receiver:
        store.server.kill()
        receiver.stop()
        receiver.stop()

        assert [] == running(store)
    assert [] == homes(store, runtime)


def test_it_is_lost_with_the_server_and_all_that_is_kept_before_anything_is_recovered(store, runtime):
    class Lost(Exception):
        """So far, and no further."""

    def lose_backups(_store):
        raise Lost(*running(store))

    runbook = SimpleNamespace(journal=Journal(), lose_backups=lose_backups)
    with store.receiving(runtime):
        assert running(store)
        with pytest.raises(Lost) as lost:
            lose_site_and_recover(store, None, site=None, runbook=runbook)

    assert () == lost.value.args
