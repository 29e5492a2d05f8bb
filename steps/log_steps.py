"""Steps about a host's logs as days pass: rotated by the host, backed up by the schedule."""

from pytest_bdd import given, parsers, then, when

from drill.backups import log_days
from drill.backups.log_days import LogDays
from drill.commands.runbook import DONE, Outcome, Runbook
from drill.damage.rotation import lose_lines, stop_rotation
from drill.evidence.journal import Journal
from drill.losses.ledger import Writer
from drill.policy import Policy
from drill.recoveries.comparison import misplaced
from drill.stores import LogStore


@given(parsers.parse("its rules wait {until}"))
def rules_wait(store: LogStore, until: str) -> None:
    stop_rotation(store.host.root, f"its rules wait {until}")


@given(parsers.parse("its timetable has {what}"))
def timetable_has(store: LogStore, what: str) -> None:
    stop_rotation(store.host.root, f"its timetable has {what}")


@given(parsers.parse("by its rules, {cause}"))
def by_its_rules(store: LogStore, cause: str) -> None:
    lose_lines(store.host.root, cause)


@given(parsers.parse("{stretch} of its timetable and of the schedule have passed"), target_fixture="days")
@when(parsers.parse("{stretch} of its timetable and of the schedule pass"), target_fixture="days")
def days_passed(store: LogStore, runbook: Runbook, stretch: str) -> LogDays:
    return log_days.pass_over(store, stretch, runbook=runbook)


@when("its log is rotated under load as on three days", target_fixture="lost_lines")
def rotated_under_load(store: LogStore, writer: Writer) -> list[int]:
    return log_days.rotate_under_load(store, writer, times=3)


@when("its disk is lost and the newest of the backups restored", target_fixture="restored")
def newest_restored(store: LogStore, runbook: Runbook) -> Outcome:
    return log_days.lose_and_restore(store, runbook=runbook)


@then("every backup of these days is there")
def every_backup_there(days: LogDays) -> None:
    assert (4, ()) == (len(days.kept_times.due), days.kept_times.missed)


@then("every line written before the last of them is there, and no other")
def every_line_there(store: LogStore, restored: Outcome, days: LogDays) -> None:
    assert (DONE, []) == (restored.status, misplaced(store, range(days.backed_up))), str(restored)


@then(parsers.parse("the longest time without a rotation meets {criterion}"))
def rotated_often(days: LogDays, criterion: str, policy: Policy, journal: Journal) -> None:
    journal.measure(criterion, days.longest_unrotated)

    assert policy.criterion(criterion).objective.met_by(days.longest_unrotated)


@then(parsers.parse("the longest time without a rotation does not meet {criterion}"))
def rotated_seldom(days: LogDays, criterion: str, policy: Policy) -> None:
    assert not policy.criterion(criterion).objective.met_by(days.longest_unrotated)


@then("every line that was acknowledged is there")
def every_acknowledged_line_there(lost_lines: list[int]) -> None:
    assert [] == lost_lines


@then("lines that were acknowledged are nowhere")
def acknowledged_lines_nowhere(lost_lines: list[int]) -> None:
    assert [] != lost_lines
