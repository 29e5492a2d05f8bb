"""A whole server as a store: what is archived, what is replayed, and what its version cannot do."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace

import pytest

from drill.backups import catalogue
from drill.backups.backup import take
from drill.backups.chain import take_chain
from drill.backups.series import take_series
from drill.datasets import cluster, database
from drill.errors import DrillError
from drill.evidence.history import Tries
from drill.recoveries.comparison import written
from drill.recoveries.recovery import lose_and_recover
from drill.runtimes import Engine
from drill.secrecy.encryption import encrypted
from drill.servers.process import ServerError
from drill.stores.cluster import NOTHING_FETCHED, ClusterStore
from drill.waiting import StillWaiting

pytestmark = pytest.mark.postgres


@pytest.fixture
def store(open_cluster) -> ClusterStore:
    return open_cluster("postgres-physical")[0]


def never(what, probe, patience):
    """Ask once, and have the patience run out."""
    probe()
    raise StillWaiting(f"{what}: not within no time", remedy="wait longer")


def signalled(store, signal, *settings):
    """Have the stopped server begin its next start as a recovery."""
    store.server.stop()
    (store.server.data / signal).touch()
    with (store.server.data / "postgresql.auto.conf").open("a") as file:
        file.writelines(f"{setting}\n" for setting in ("restore_command = 'false'", *settings))


def test_every_database_is_part_of_what_it_holds(store):
    places = {where.split(":")[0] for where in store.fingerprint().contents}

    assert {database.NAME, cluster.SECOND} <= places
    assert store.size() > 2 * 7_000_000


def test_what_is_said_to_be_archived_is(store):
    store.require_archiving()
    before = store.keeping.newest_segment()
    store.archive_writes(range(3))

    assert before < store.keeping.newest_segment()
    assert store.is_archiving()
    assert {0, 1, 2} == store.written()


def test_a_moment_lies_between_two_writes_and_is_archived(store):
    moment = store.pass_moment()

    assert 200 <= moment.before < moment.written
    assert set(range(moment.written)) <= store.written()
    assert f"{store.keeping.newest_segment()}.gz" in catalogue.contents(store.keeping.archive)


def test_a_server_that_replays_takes_writes_in_the_end(store):
    signalled(store, "recovery.signal")
    store.replay()

    store.write(range(1))
    assert {0} == written(store)


def test_a_server_that_never_reaches_its_target_is_an_error_that_says_why(store):
    signalled(store, "recovery.signal", "recovery_target_name = 'never marked'")

    with pytest.raises(ServerError, match="recovery ended before configured recovery target was reached"):
        store.replay()


def test_a_server_that_is_never_promoted_is_an_error(store, monkeypatch):
    signalled(store, "standby.signal")
    store.server.start()
    monkeypatch.setattr("drill.servers.process.eventually", never)
    monkeypatch.setattr(store.server, "start", lambda: None)

    with pytest.raises(ServerError, match="to be promoted: not within no time"):
        store.replay()


def test_a_server_that_ends_while_it_replays_is_an_error(store, monkeypatch):
    signalled(store, "standby.signal")
    store.server.start()
    monkeypatch.setattr(store.server, "start", store.server.kill)

    with pytest.raises(ServerError, match="ended instead"):
        store.replay()


def test_a_recovery_whose_server_is_never_promoted_has_no_answer(store, runbook, monkeypatch):
    backup = take(store, runbook=runbook)
    restored = runbook.restore

    def restore_as_standby(*arguments, **options):
        outcome = restored(*arguments, **options)
        (store.server.data / "recovery.signal").unlink()
        (store.server.data / "standby.signal").touch()
        return outcome

    started = store.server.start

    def start_and_lose_patience():
        started()
        monkeypatch.setattr("drill.servers.process.eventually", never)

    monkeypatch.setattr(runbook, "restore", restore_as_standby)
    monkeypatch.setattr(store.server, "start", start_and_lose_patience)
    recovery = lose_and_recover(store, backup, backup_id=backup.id, runbook=runbook)

    assert (0, False, False, None) == (
        recovery.outcome.status,
        recovery.replayed,
        recovery.has_answered,
        recovery.answer,
    )
    assert ["provision", "restore", "replay"] == list(recovery.phases)


@pytest.fixture
def older(runtime, monkeypatch):
    """The version, and nothing else, of a server that makes no increments."""
    version = replace(runtime.version(Engine.POSTGRES), product="PostgreSQL 16.11")
    monkeypatch.setattr(runtime, "version", lambda _: version)


def test_a_version_that_makes_no_increments_is_told_before_anything_runs(older, store, runbook):
    series = {"runbook": runbook, "earlier": Tries(0, 0)}

    for attempt in (lambda: take_chain(store, runbook=runbook), lambda: take_series(store, 6, **series)):
        with pytest.raises(DrillError, match="is older than 17: it makes no incremental backups; drill a newer"):
            attempt()
    assert [] == catalogue.backups(runbook.set_of(store))
    assert [] == runbook.journal.events
    assert "summarize_wal" not in (store.server.data / "postgresql.auto.conf").read_text()


def test_a_version_that_makes_increments_is_told_to_prepare_for_them(store):
    store.require_increments()

    assert "summarize_wal = on" in (store.server.data / "postgresql.auto.conf").read_text()


def test_a_server_whose_log_nobody_keeps_is_told_that_there_is_none_to_fetch(open_cluster):
    (store,) = open_cluster("postgres-physical", kept=False)

    assert NOTHING_FETCHED == store.environment()["RESTORE_COMMAND"]
    assert not store.is_archiving()


class TestEncrypted:
    """The log of a server whose backups are encrypted."""

    @pytest.fixture
    def policy(self, policy, runtime):
        return encrypted(policy, workspace=runtime.workspace)

    def test_it_is_not_archived_in_plain_text_where_age_is_missing(self, open_cluster, repository, runtime):
        if runtime.name == "embedded" and shutil.which("age", path=os.defpath):
            pytest.skip("the program age is where embedded servers find it; in containers it is not")
        expected = (
            r"cannot archive its log: error: tool-missing: age cannot be run .*; name what is missing in server_p"
        )
        with pytest.raises(DrillError, match=expected):
            open_cluster("postgres-physical")

        assert {"archive.sha256"} >= {
            path.name for path in (repository / "postgres-physical").rglob("*") if path.is_file()
        }
