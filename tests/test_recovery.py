"""The recovery clock, and what stops it: nothing but the service's own correct answer."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from drill.backups.backup import Backup, take
from drill.commands.runbook import DONE, Outcome
from drill.errors import DrillError
from drill.evidence.verdict import Disproof
from drill.recoveries import recovery as recoveries
from drill.recoveries.recovery import Recovery, lose_and_recover
from drill.stores import CacheStore
from steps import STEP_MODULES
from tests.evidence.rehearsal import PLUGINS, REPOSITORY, rehearsal
from tests.procedures import runbook_with, saying
from tests.repositories import written

LOCK_OUT = """sh -c 'redis-cli -h "$REDIS_HOST" -p "$REDIS_PORT" config set requirepass changed'"""
IDENTIFIER = "20260301T020000.000000Z-full"


@pytest.fixture
def clock(monkeypatch):
    """A clock that says what a test tells it to."""
    clock = SimpleNamespace(now=100.0)
    clock.monotonic = lambda: clock.now
    monkeypatch.setattr(recoveries, "time", clock)
    return clock


def spend(recovery, clock, name, seconds):
    with recovery.phase(name):
        clock.now += seconds


def test_phases_are_kept_apart_in_the_order_in_which_they_ran(clock):
    recovery = Recovery()
    spend(recovery, clock, "provision", 2)
    spend(recovery, clock, "restore", 0.5)

    assert {"provision": timedelta(seconds=2), "restore": timedelta(seconds=0.5)} == dict(recovery.phases)
    assert ["provision", "restore"] == list(recovery.phases)


def test_the_recovery_time_runs_from_the_declaration_to_the_first_answer(clock):
    recovery = Recovery()
    clock.now += 1
    spend(recovery, clock, "restore", 2)
    recovery.answered()
    clock.now += 10
    recovery.answered()

    assert timedelta(seconds=3) == recovery.took


def test_without_an_answer_there_is_no_recovery_time(clock):
    recovery = Recovery()
    spend(recovery, clock, "restore", 2)

    assert False is recovery.has_answered
    with pytest.raises(Disproof, match="the service never answered correctly"):
        _ = recovery.took


@pytest.mark.parametrize("seconds", [0, -1])
def test_a_phase_that_took_no_time_is_a_defect(clock, seconds):
    with pytest.raises(DrillError, match=r"restore took .*; this is a defect"):
        spend(Recovery(), clock, "restore", seconds)


@pytest.mark.parametrize("seconds", [0, -1])
def test_a_recovery_that_took_no_time_is_a_defect(clock, seconds):
    recovery = Recovery()
    clock.now += seconds
    recovery.answered()

    with pytest.raises(DrillError, match=r"recovery took .*; this is a defect"):
        _ = recovery.took


def test_a_defect_of_the_clock_disproves_nothing(clock):
    with pytest.raises(DrillError) as caught:
        spend(Recovery(), clock, "restore", 0)

    assert not isinstance(caught.value, AssertionError)


def test_an_unknown_phase_is_an_error_that_names_the_known_ones(clock):
    with pytest.raises(DrillError, match="no phase 'party'; use one of provision, fetch, restore, replay, verify"):
        spend(Recovery(), clock, "party", 1)


def test_a_phase_is_timed_once(clock):
    recovery = Recovery()
    spend(recovery, clock, "restore", 1)

    with pytest.raises(DrillError, match="the phase 'restore' is over"):
        spend(recovery, clock, "restore", 1)


def test_a_phase_that_failed_has_no_time(clock):
    recovery = Recovery()
    with pytest.raises(OSError, match="full"), recovery.phase("restore"):
        raise OSError("full")

    assert {} == recovery.phases


@pytest.fixture
def store(redis_server):
    return CacheStore(redis_server)


def recovered(store, tmp_path, restore):
    """The store, recovered by this restore command."""
    runbook = runbook_with(tmp_path, restore=restore)
    backup = Backup(Outcome((), DONE, timedelta(1), {"id": IDENTIFIER}, ""), None, store.health(), 1, 0, tmp_path)
    return lose_and_recover(store, backup, backup_id=IDENTIFIER, runbook=runbook), runbook


@pytest.mark.redis
def test_a_restore_that_only_says_it_is_done_does_not_stop_the_clock(store, tmp_path):
    recovery, runbook = recovered(store, tmp_path, "true")

    assert (DONE, False) == (recovery.outcome.status, recovery.has_answered)
    assert (None, [], 0) == recovery.answer
    assert ["provision", "restore", "verify"] == list(recovery.phases)
    assert ["incident", "recovery"] == [event["kind"] for event in runbook.journal.events]


@pytest.mark.redis
def test_a_restore_that_leaves_the_service_speechless_does_not_stop_the_clock(store, tmp_path):
    recovery, _ = recovered(store, tmp_path, LOCK_OUT)

    assert (DONE, False, None) == (recovery.outcome.status, recovery.has_answered, recovery.answer)


@pytest.mark.redis
def test_a_restore_command_that_does_not_exist_disproves_the_recovery_time(store, tmp_path):
    recovery, _ = recovered(store, tmp_path, "no-such-program")

    assert (127, "command-not-found", None) == (recovery.outcome.status, recovery.outcome.reason, recovery.answer)
    with pytest.raises(Disproof):
        _ = recovery.took


@pytest.mark.redis
def test_a_refused_restore_is_asked_nothing(store, tmp_path):
    recovery, _ = recovered(store, tmp_path, saying(diagnostics="error: checksum-mismatch: a", status=3))

    assert (3, "checksum-mismatch", None) == (recovery.outcome.status, recovery.outcome.reason, recovery.answer)
    assert ["provision", "restore"] == list(recovery.phases)


def backup_of(outcome, repository):
    return Backup(outcome, None, (), 1, 0, repository)


@pytest.mark.parametrize(
    ("status", "result", "said"),
    [
        (1, {"id": IDENTIFIER}, "error: no-space: /backup"),
        (DONE, {}, ""),
        (127, {}, "error: command-not-found: no-such-program: No such file or directory"),
    ],
)
def test_a_backup_that_failed_or_does_not_tell_its_id_is_disproof(tmp_path, status, result, said):
    with pytest.raises(Disproof, match=f"no backup was taken: .*exit status {status} after .*\n{said}"):
        _ = backup_of(Outcome(("backup",), status, timedelta(1), result, said), tmp_path).id


def test_a_backup_that_is_not_where_it_should_be_is_disproof(tmp_path):
    done = Outcome(("backup",), DONE, timedelta(1), {"id": IDENTIFIER}, "")

    with pytest.raises(Disproof, match="no valid manifest"):
        _ = backup_of(done, tmp_path / "redis").stored


def test_a_backup_is_found_by_the_id_that_it_told(tmp_path):
    stored = written(tmp_path / "redis")
    done = Outcome(("backup",), DONE, timedelta(1), {"id": stored.id}, "")

    assert stored.directory == backup_of(done, tmp_path / "redis").stored.directory


@pytest.mark.redis
def test_a_backup_that_was_never_written_is_told_by_whoever_asks_for_it(store, tmp_path):
    backup = take(store, runbook=runbook_with(tmp_path, backup=saying({"id": IDENTIFIER})))

    assert IDENTIFIER == backup.id
    with pytest.raises(Disproof):
        _ = backup.stored


@pytest.mark.redis
def test_a_backup_command_that_does_not_exist_disproves_what_it_was_to_prove(tmp_path):
    project = rehearsal(tmp_path / "project", (REPOSITORY / "features/cache/recovery_time.feature").read_text("utf-8"))
    (project.root / "conftest.py").write_text(f"pytest_plugins = {[*PLUGINS, *STEP_MODULES]!r}\n")
    policy = project.root / "policy.toml"
    policy.write_text(policy.read_text().replace('"python -m backup_scripts.redis_snapshot"', '"no-such-program"'))
    ran = project.run("-k", "killed", reports=project.root / "reports")

    assert ("disproven", 1) == (ran.record.verdict, ran.status)
    assert "error: command-not-found: no-such-program: " in ran.record.scenarios[0].reason
    assert [127] == [event["status"] for event in ran.events if event["kind"] == "backup"]
