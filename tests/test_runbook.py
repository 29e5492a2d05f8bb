"""Commands are run as an operator would run them, and whatever comes of them is told."""

import os
import shlex
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from drill import inventory
from drill.commands.execution import Outcome, end, run
from drill.errors import DrillError
from drill.evidence.redaction import MASK, conceal
from drill.policy import UnreadableValue
from tests.procedures import TELL_ENVIRONMENT, Target, policy_with, runbook_with, saying, script
from tests.repositories import LAST_NIGHT

LIMIT = timedelta(seconds=30)


def ran(*command, limit=LIMIT, **options):
    return run(list(command), environment={"PATH": os.defpath}, directory=Path.cwd(), limit=limit, **options)


def shell(text, **options):
    return ran("/bin/sh", "-c", text, **options)


def outcome(diagnostics):
    return Outcome(("restore",), 3, timedelta(seconds=1.5), {}, diagnostics)


class Left:
    """Processes that a command has started and whose ids it has written to a file."""

    def __init__(self, file):
        self.file = file

    def alive(self):
        pids = [int(pid) for pid in self.file.read_text().split()]
        assert pids, "the command has started nothing"
        found = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
        return [process for process in found if process.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture
def left(tmp_path):
    """What a command leaves running, until the test is over."""
    left = Left(tmp_path / "pids")
    yield left
    for process in left.alive():
        process.kill()


@pytest.mark.parametrize("status", [0, 1, 2, 3, 7])
def test_the_exit_status_is_told(status):
    assert status == shell(f"exit {status}").status


def test_a_signal_is_told_as_a_negative_status():
    assert -signal.SIGTERM == shell("kill -TERM $$").status


def test_the_time_is_taken_from_start_to_end():
    assert timedelta(seconds=0.2) <= shell("sleep 0.2").took < LIMIT


@pytest.mark.parametrize(
    ("diagnostics", "reason"),
    [
        ("error: backup-truncated: shop.dump: 8192 of 20480 bytes; take a new backup", "backup-truncated"),
        ("reading\nerror: checksum-mismatch: a\nbye", "checksum-mismatch"),
        ("error: first: a\nerror: last: b", "last"),
        ("error: sha256: a: b: c", "sha256"),
        ("error: connection to server failed: FATAL: no", None),
        ("error: nothing-follows", None),
        ("error: : nothing", None),
        ("fatal error: no-slug: x", None),
        ("Error: shouted: x", None),
        ("", None),
    ],
)
def test_the_reason_is_the_slug_of_the_last_error_line(diagnostics, reason):
    assert reason == outcome(diagnostics).reason


def test_an_outcome_reads_as_what_happened():
    assert "restore: exit status 3 after 1.50 s\nerror: a: b" == str(outcome("error: a: b"))


@pytest.mark.parametrize(
    ("output", "result"),
    [
        ('{"id": "x"}', {"id": "x"}),
        ('progress\n{"id": "x"}\n', {"id": "x"}),
        ('{"id": "a\u2028b"}\n\n', {"id": "a\u2028b"}),
        ('{"id": "x"}\nbye\n', {}),
        ('["x"]', {}),
        ("{", {}),
        ("", {}),
    ],
)
def test_the_result_is_the_object_on_the_last_line_of_output(output, result):
    assert result == shell(f"printf '%s' {shlex.quote(output)}").result


def test_output_that_is_no_text_is_no_result():
    assert {} == shell(r"printf '\377\376'").result


def test_over_the_limit_the_command_and_all_its_children_are_killed(left):
    said = f"sleep 300 & echo $! >>{left.file}; setsid sleep 300 & echo $! >>{left.file}; echo begun >&2; wait"
    over = shell(said, limit=timedelta(seconds=0.5))

    assert [] == left.alive()
    assert (-signal.SIGKILL, "over-time") == (over.status, over.reason)
    assert over.diagnostics.startswith("begun\n")
    assert "raise time_limit in policy.toml" in over.diagnostics


def test_what_a_command_leaves_running_is_neither_waited_for_nor_killed(left):
    ended = shell(f'sleep 300 & echo $! >{left.file}; echo \'{{"id": "x"}}\'')

    assert 1 == len(left.alive())
    assert (0, {"id": "x"}) == (ended.status, ended.result)
    assert ended.took < timedelta(seconds=10)


def test_a_program_that_does_not_exist_is_an_outcome_that_says_so():
    absent = ran("no-such-program", "--now")

    assert (127, "command-not-found") == (absent.status, absent.reason)
    assert "no-such-program: No such file or directory; correct the procedure in policy.toml" in absent.diagnostics


def test_a_program_that_may_not_be_run_is_an_outcome_that_says_so(tmp_path):
    (tmp_path / "backup").write_text("no program")
    refused = ran(str(tmp_path / "backup"))

    assert (127, "command-not-found") == (refused.status, refused.reason)
    assert "Permission denied" in refused.diagnostics


def test_nothing_is_left_running_when_the_drill_itself_is_interrupted():
    begun = []

    def interrupted(process):
        begun.append(process)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shell("sleep 300", meanwhile=interrupted)

    assert -signal.SIGKILL == begun[0].returncode


def test_a_process_that_has_ended_can_be_ended_again():
    assert 0 == shell("true", meanwhile=lambda process: process.wait() or end(process)).status


def test_a_concealed_secret_is_masked_in_what_a_command_says():
    conceal("correct horse battery")
    said = shell("echo 'error: wrong-password: correct horse battery' >&2")

    assert f"error: wrong-password: {MASK}\n" == said.diagnostics


def test_a_command_knows_the_contract_and_its_store(tmp_path):
    runbook = runbook_with(tmp_path, backup=TELL_ENVIRONMENT, restore=TELL_ENVIRONMENT)
    store = Target({"REDIS_HOST": "127.0.0.1", "REDISCLI_AUTH": "of this drill"})
    told = runbook.back_up(store, now=LAST_NIGHT).result
    told_restore = runbook.restore(store, "20260301T020000.000000Z-full").result

    assert {
        "BACKUP_REPOSITORY": str(runbook.repository),
        "BACKUP_SET": "redis",
        "BACKUP_NOW": "2026-03-01T02:00:00+00:00",
        "RETENTION_DAYS": "30",
        "REDIS_HOST": "127.0.0.1",
        "REDISCLI_AUTH": "of this drill",
    }.items() <= told.items()
    assert "20260301T020000.000000Z-full" == told_restore["BACKUP_ID"]
    assert set() == {"BACKUP_ID", "RESTORE_TARGET"} & told.keys()
    assert "BACKUP_NOW" not in told_restore


def test_a_scheduled_backup_is_told_its_place_in_the_schedule_and_the_time(tmp_path):
    runbook = runbook_with(tmp_path, backup=TELL_ENVIRONMENT)
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    taking = (each for each in runbook.policy.schedule if (each.procedure, each.action) == ("redis", "backup"))
    schedule = {each.frequency: each for each in taking}
    told = [runbook.take_scheduled(Target(), schedule[tier], now=noon).result for tier in ("hourly", "daily")]

    assert [("hourly", noon.isoformat()), ("daily", noon.isoformat())] == [
        (each["BACKUP_TIER"], each["BACKUP_NOW"]) for each in told
    ]


def test_production_does_not_leak_in(tmp_path, monkeypatch):
    for name in ("PGHOST", "PGPASSWORD", "REDIS_HOST", "AWS_PROFILE", "AWS_SECRET_ACCESS_KEY", "PYTHONPATH"):
        monkeypatch.setenv(name, "production")
    told = runbook_with(tmp_path, backup=TELL_ENVIRONMENT).back_up(Target()).result

    assert [] == [name for name, value in told.items() if value == "production"]


def test_what_the_policy_passes_on_arrives(tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "backups")
    monkeypatch.delenv("AWS_REGION", raising=False)
    runbook = runbook_with(tmp_path, backup=TELL_ENVIRONMENT, pass_environment=("AWS_PROFILE", "AWS_REGION"))
    told = runbook.back_up(Target()).result

    assert "backups" == told["AWS_PROFILE"]
    assert "AWS_REGION" not in told


def test_the_drill_s_own_server_outweighs_what_is_passed_on(tmp_path, monkeypatch):
    monkeypatch.setenv("REDIS_HOST", "production")
    runbook = runbook_with(tmp_path, backup=TELL_ENVIRONMENT, pass_environment=("REDIS_HOST",))

    assert "127.0.0.1" == runbook.back_up(Target({"REDIS_HOST": "127.0.0.1"})).result["REDIS_HOST"]


def test_a_secret_that_is_passed_on_is_masked_and_a_path_is_not(tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI")
    monkeypatch.setenv("PGBACKREST_CONFIG", "/etc/pgbackrest.conf")
    told = shlex.join(["sh", "-c", 'echo "$AWS_SECRET_ACCESS_KEY $PGBACKREST_CONFIG" >&2'])
    passed = ("AWS_SECRET_ACCESS_KEY", "PGBACKREST_CONFIG")

    assert (
        f"{MASK} /etc/pgbackrest.conf\n"
        == runbook_with(tmp_path, backup=told, pass_environment=passed).back_up(Target()).diagnostics
    )


def test_programs_are_found_where_the_store_says(tmp_path):
    script(tmp_path / "vendor-backup", "echo '{}'")
    store = Target({"PATH": f"{tmp_path}:{os.defpath}"})

    assert 0 == runbook_with(tmp_path, backup="vendor-backup").back_up(store).status


def test_this_python_is_found_where_there_is_no_store(tmp_path):
    tells = shlex.join(["python", "-c", "import json, sys; print(json.dumps({'python': sys.executable}))"])
    told = runbook_with(tmp_path, prune=tells).prune("redis", now=LAST_NIGHT).result

    assert Path(sys.executable).parent == Path(told["python"]).parent


@pytest.mark.parametrize(
    ("log", "left", "moved"),
    [(True, [], ["20260301T020000.000000Z-full", "wal"]), (False, ["wal"], ["20260301T020000.000000Z-full"])],
)
def test_what_cannot_be_trusted_is_set_aside_and_kept(tmp_path, log, left, moved):
    runbook = runbook_with(tmp_path)
    home = runbook.set_of(Target())
    for name in (*left, *moved):
        (home / name).mkdir(parents=True)
        (home / name / "content").write_text(name)
    runbook.set_aside(Target(), log=log)
    [aside] = [each for each in runbook.repository.iterdir() if each != home]

    assert left == [each.name for each in home.iterdir()]
    assert {name: name for name in moved} == {each.name: (each / "content").read_text() for each in aside.iterdir()}
    assert [] == [
        each.name for each in inventory.take(runbook.repository, now=LAST_NIGHT).sets if each.name != home.name
    ]


def test_placeholders_are_filled_in(tmp_path):
    runbook = runbook_with(tmp_path, restore='printf \'{"asked": "%s"}\' {backup_id}')

    assert {"asked": "20260301T020000.000000Z-full"} == runbook.restore(Target(), "20260301T020000.000000Z-full").result


def test_a_placeholder_that_is_not_known_yet_is_an_error_of_the_policy(tmp_path):
    with pytest.raises(UnreadableValue, match=r"wants {backup_id}, which is not known here"):
        runbook_with(tmp_path, backup="take {backup_id}").back_up(Target())


def test_a_procedure_that_the_policy_does_not_have_is_an_error_that_says_what_to_add(tmp_path):
    with pytest.raises(DrillError, match=r"no procedure 'files'; add \[procedures.files\] to policy.toml"):
        runbook_with(tmp_path).back_up(Target(procedure="files"))


def test_without_a_pruning_command_nothing_can_be_pruned(tmp_path):
    runbook = runbook_with(tmp_path)
    retention = runbook.policy.retention.model_copy(update={"prune": None})
    runbook.policy = policy_with().model_copy(update={"retention": retention})

    with pytest.raises(DrillError, match="redis has no prune command; add prune"):
        runbook.prune("redis", now=LAST_NIGHT)


def test_every_backup_and_recovery_is_written_down(tmp_path):
    runbook = runbook_with(
        tmp_path,
        backup=saying({"id": "20260301T020000.000000Z-full"}),
        restore=saying(diagnostics="error: checksum-mismatch: a", status=3),
    )
    runbook.back_up(Target())
    runbook.restore(Target(), "20260301T020000.000000Z-full")
    backup, recovery = runbook.journal.events

    assert ("backup", "redis", 0, None) == tuple(backup[name] for name in ("kind", "procedure", "status", "reason"))
    assert ("recovery", "redis", 3, "checksum-mismatch") == tuple(
        recovery[name] for name in ("kind", "procedure", "status", "reason")
    )
    assert "20260301T020000.000000Z-full" == backup["backup"] == recovery["backup"]


def test_a_backup_is_killed_half_way_with_all_that_it_started(tmp_path, left):
    writing = f'sleep 300 & echo $! >{left.file}; mkdir -p "$BACKUP_REPOSITORY/$BACKUP_SET/.partial-x"; wait'
    runbook = runbook_with(tmp_path, backup=script(tmp_path / "backup", writing))
    killed = runbook.kill_backup(Target())

    assert -signal.SIGKILL == killed.status
    assert [] == left.alive()
    assert [".partial-x"] == [path.name for path in (runbook.repository / "redis").iterdir()]
    assert ["backup"] == [event["kind"] for event in runbook.journal.events]


def test_a_backup_that_ends_before_it_can_be_killed_is_no_proof(tmp_path):
    runbook = runbook_with(tmp_path, backup=saying(diagnostics="error: no-space: /backup", status=1))

    with pytest.raises(DrillError, match=r"not killed half way: .*exit status 1"):
        runbook.kill_backup(Target())
