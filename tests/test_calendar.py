"""A simulated calendar notices what a pruning command does wrong."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from drill.backups import catalogue
from drill.backups.calendar import finished, prune_at, simulate
from drill.commands.runbook import DONE, FAILED
from drill.policy import Command
from tests.procedures import runbook_with, script
from tests.repositories import LAST_NIGHT, written

DAY = timedelta(days=1)
DAYS = 42
ROOT = Path(__file__).parent.parent
SET = '"$BACKUP_REPOSITORY/$BACKUP_SET"'


def runbook_keeping_the_term(tmp_path, **facts):
    """A runbook whose policy promises thirty days, and points that lie within them."""
    runbook = runbook_with(tmp_path, **facts)
    retention = runbook.policy.retention.model_copy(update={"daily": 1, "weekly": 1, "monthly": 1, "copies": {}})
    runbook.policy = runbook.policy.model_copy(update={"retention": retention})
    return runbook


@pytest.fixture
def simulated(tmp_path):
    """Lets 42 days go by with this pruning script."""

    def simulate_with(text):
        runbook = runbook_keeping_the_term(tmp_path, prune=script(tmp_path / "prune", text))
        original = written(runbook.repository / "redis")
        return simulate(original, runbook=runbook, procedure="redis", days=DAYS)

    return simulate_with


def test_pruning_as_it_should_be_breaks_nothing_and_keeps_no_more_than_it_must(tmp_path):
    runbook = runbook_keeping_the_term(tmp_path, prune="python -m backup_scripts.retention_prune")
    original = written(runbook.repository / "redis")
    calendar = simulate(original, runbook=runbook, procedure="redis", days=DAYS)

    assert [DONE] * 6 == [pruning.status for pruning in calendar.prunings], str(calendar.prunings[0])
    assert ((), ()) == (calendar.broken, calendar.needless)
    assert 30 * DAY == calendar.shortest_reach
    assert tuple(LAST_NIGHT + day * DAY for day in range(DAYS + 1)) == calendar.taken
    assert LAST_NIGHT + DAYS * DAY == calendar.now
    assert catalogue.backups(original.directory.parent)[-31].id == calendar.oldest_promised


def test_points_and_copies_are_promised_beyond_the_term_and_nothing_else_is_kept(tmp_path):
    runbook = runbook_with(tmp_path, prune="python -m backup_scripts.retention_prune")
    original = written(runbook.repository / "redis")
    calendar = simulate(original, runbook=runbook, procedure="redis", days=98)
    ends = [datetime(2026, 3, 31, 2, tzinfo=UTC), datetime(2026, 4, 30, 2, tzinfo=UTC)]

    assert ((), ()) == (calendar.broken, calendar.needless)
    assert set(ends) <= finished(original.directory.parent)
    assert [f"{ends[0]:%Y%m%dT%H%M%S.%fZ}-full"] == list(calendar.promised[:1])
    assert {calendar.any_promised(seed) for seed in range(400)} == set(calendar.promised)


def test_a_command_that_keeps_the_term_and_not_the_points_is_noticed(tmp_path):
    text = "exec python -m backup_scripts.retention_prune"
    unset = "unset RETENTION_MONTHLY RETENTION_WEEKLY RETENTION_COPIES"
    runbook = runbook_with(tmp_path, prune=script(tmp_path / "prune", f"cd {ROOT}; {unset}; {text}"))
    calendar = simulate(written(runbook.repository / "redis"), runbook=runbook, procedure="redis", days=98)

    assert [DONE] * 14 == [pruning.status for pruning in calendar.prunings], str(calendar.prunings[0])
    assert calendar.broken


def test_a_command_that_removes_a_promised_backup_is_noticed(simulated):
    calendar = simulated(f'rm -r "$(ls -d {SET}/* | tail -n 3 | head -n 1)"')
    first = LAST_NIGHT + 7 * DAY

    assert (first, first - 2 * DAY) == calendar.broken[0]


def test_a_command_that_removes_the_oldest_too_early_is_noticed(simulated):
    calendar = simulated(f"ls -d {SET}/* | head -n -20 | xargs -r rm -r")

    assert calendar.broken
    assert 19 * DAY == calendar.shortest_reach


def test_a_command_that_removes_everything_is_noticed(simulated):
    calendar = simulated(f"rm -r {SET}/*")

    assert 6 == len({now for now, _ in calendar.broken})
    assert timedelta(0) == calendar.shortest_reach


def test_a_command_that_removes_nothing_is_noticed(simulated):
    calendar = simulated("true")

    assert () == calendar.broken
    assert {LAST_NIGHT + 35 * DAY: 5, LAST_NIGHT + 42 * DAY: 12} == {
        now: sum(moment == now for moment, _ in calendar.needless) for now, _ in calendar.needless
    }
    assert 35 * DAY == calendar.shortest_reach


def test_a_command_that_fails_is_noticed(simulated):
    calendar = simulated("exit 1")

    assert [FAILED] * 6 == [pruning.status for pruning in calendar.prunings]


def test_the_command_is_told_the_simulated_time(simulated, tmp_path):
    simulated(f'echo "$BACKUP_NOW" >>{tmp_path}/told')

    assert [(LAST_NIGHT + week * 7 * DAY).isoformat() for week in range(1, 7)] == (
        tmp_path / "told"
    ).read_text().splitlines()


def test_the_oldest_promised_backup_is_named_although_it_is_gone(simulated, tmp_path):
    calendar = simulated(f"rm -r {SET}/20260313*")
    wanted = LAST_NIGHT + 12 * DAY

    assert f"{wanted:%Y%m%dT%H%M%S.%fZ}-full" == calendar.oldest_promised
    assert wanted not in finished(tmp_path / "repository" / "redis")


def test_before_a_term_has_passed_nothing_is_said_of_the_reach(tmp_path):
    runbook = runbook_with(tmp_path, prune="true")
    calendar = simulate(written(runbook.repository / "redis"), runbook=runbook, procedure="redis", days=14)

    assert timedelta(0) == calendar.shortest_reach


def test_two_originals_take_turns_and_each_copy_is_known_as_that_of_its_own(tmp_path):
    runbook = runbook_keeping_the_term(tmp_path, prune="true")
    home = runbook.repository / "redis"
    first = written(home, finished=LAST_NIGHT - timedelta(hours=1), files={"data": b"one"})
    second = written(home, files={"data": b"two"})
    calendar = simulate(first, second, runbook=runbook, procedure="redis", days=6)
    held = [(backup.directory / "data").read_bytes() for backup in catalogue.backups(home)]

    assert [b"one", b"two"] * 4 == held
    assert [first.id, second.id] * 4 == [calendar.copies[each] for each in sorted(calendar.copies)]


def rot(backup):
    """One byte of its own is another: the originals share theirs."""
    file = backup.directory / "small"
    file.unlink()
    file.write_bytes(b"smalL")


def test_what_rots_is_found_and_its_places_are_kept_by_what_holds(tmp_path):
    runbook = runbook_keeping_the_term(tmp_path, prune="python -m backup_scripts.retention_prune")
    original = written(runbook.repository / "redis")
    calendar = simulate(original, runbook=runbook, procedure="redis", days=DAYS, mishap=rot)
    sound = [*range(0, DAYS, 2)]

    assert [DONE] * 6 == [pruning.status for pruning in calendar.prunings], str(calendar.prunings[0])
    assert ((), ()) == (calendar.broken, calendar.needless)
    assert 15 <= len(calendar.promised) < len(sound)


def test_a_verification_that_finds_nothing_is_noticed_where_backups_rot(tmp_path):
    runbook = runbook_keeping_the_term(tmp_path, prune="python -m backup_scripts.retention_prune")
    verification = runbook.policy.verification.model_copy(update={"verify": Command.parse("true")})
    runbook.policy = runbook.policy.model_copy(update={"verification": verification})
    original = written(runbook.repository / "redis")

    assert simulate(original, runbook=runbook, procedure="redis", days=DAYS, mishap=rot).broken


def test_nothing_of_the_simulation_is_left_beside_the_repository(simulated, tmp_path):
    simulated("true")

    assert ["prune", "repository"] == sorted(path.name for path in tmp_path.iterdir())


def test_one_pruning_tells_what_it_changed(tmp_path):
    runbook = runbook_with(tmp_path, prune=script(tmp_path / "prune", f"rm {SET}/*/small"))
    backup = written(runbook.repository / "redis")
    pruning = prune_at(LAST_NIGHT, runbook=runbook, procedure="redis")

    assert DONE == pruning.outcome.status
    assert {f"redis/{backup.id}/small"} == pruning.before.keys() - pruning.after.keys()


def test_a_set_without_backups_has_no_finished_ones(tmp_path):
    backup = written(tmp_path / "redis")
    shutil.rmtree(backup.directory)

    assert set() == finished(tmp_path / "redis")
