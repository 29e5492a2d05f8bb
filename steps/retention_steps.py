"""Steps about how long backups are kept."""

from datetime import timedelta

from pytest_bdd import given, parsers, then, when

from drill.backups.backup import Backup
from drill.backups.calendar import Calendar, Pruning, prune_at, simulate
from drill.backups.chain import Chain
from drill.commands.runbook import DONE, REFUSED, Runbook
from drill.evidence.journal import Journal
from drill.policy import Policy
from drill.stores import Store

YEAR = timedelta(days=365)
MOMENT = timedelta(microseconds=1)
MONTH = timedelta(days=30)


@when("a year of daily backups is taken and pruned every week", target_fixture="calendar")
def year_of_backups(store: Store, backup: Backup, runbook: Runbook) -> Calendar:
    return simulate(backup.stored, runbook=runbook, procedure=store.procedure, days=YEAR.days)


@when("sixty days of daily backups are taken and pruned every week", target_fixture="calendar")
def sixty_days_of_backups(store: Store, backup: Backup, runbook: Runbook) -> Calendar:
    return simulate(backup.stored, runbook=runbook, procedure=store.procedure, days=60)


@given("a policy that keeps nothing for years", target_fixture="policy")
def nothing_for_years(policy: Policy) -> Policy:
    return policy.with_retention(copies={})


@when("sixteen months of daily backups are taken and pruned every month", target_fixture="calendar")
def months_of_backups(store: Store, backup: Backup, runbook: Runbook) -> Calendar:
    days, month = 16 * MONTH.days, MONTH
    return simulate(backup.stored, runbook=runbook, procedure=store.procedure, days=days, prune_every=month)


@when("it is pruned with a clock of last year", target_fixture="pruning")
def pruned_in_the_past(store: Store, backup: Backup, runbook: Runbook) -> Pruning:
    return prune_at(backup.stored.finished - YEAR, runbook=runbook, procedure=store.procedure)


@when("it is pruned with a clock of next year", target_fixture="pruning")
def pruned_in_a_year(store: Store, backup: Backup, runbook: Runbook) -> Pruning:
    return prune_at(backup.stored.finished + YEAR, runbook=runbook, procedure=store.procedure)


@when("it is pruned while only its last increments are promised", target_fixture="pruning")
def pruned_while_last_promised(store: Store, chain: Chain, runbook: Runbook, policy: Policy) -> Pruning:
    now = chain["the first increment"].stored.finished + policy.retention.minimum + MOMENT
    return prune_at(now, runbook=runbook, procedure=store.procedure)


@then("no promised backup was ever missing")
def nothing_missing(calendar: Calendar) -> None:
    assert {DONE} == {pruning.status for pruning in calendar.prunings}
    assert () == calendar.broken


@then(parsers.parse("the shortest reach back meets {criterion}"))
def reach_meets(calendar: Calendar, criterion: str, policy: Policy, journal: Journal) -> None:
    journal.measure(criterion, calendar.shortest_reach)

    assert policy.criterion(criterion).objective.met_by(calendar.shortest_reach)


@then("pruning kept no more than it had to")
def kept_no_more(calendar: Calendar) -> None:
    assert () == calendar.needless


@then(parsers.parse("the end of every month is kept, as {criterion} demands"))
def months_kept(calendar: Calendar, criterion: str, policy: Policy, journal: Journal) -> None:
    gap = calendar.longest_gap(policy.retention.time_zone)
    journal.measure(criterion, gap)

    assert policy.criterion(criterion).objective.met_by(gap)


@then(parsers.parse("months are missing, more than {criterion} allows"))
def months_missing(calendar: Calendar, criterion: str, policy: Policy) -> None:
    assert not policy.criterion(criterion).objective.met_by(calendar.longest_gap(policy.retention.time_zone))


@then(parsers.parse('the pruning is refused as "{reason}"'))
def pruning_refused(pruning: Pruning, reason: str) -> None:
    assert (REFUSED, reason) == (pruning.outcome.status, pruning.outcome.reason), str(pruning.outcome)


@then("the pruning is done")
def pruning_done(pruning: Pruning) -> None:
    assert DONE == pruning.outcome.status, str(pruning.outcome)


@then("nothing in the repository has changed")
def nothing_changed(pruning: Pruning) -> None:
    assert pruning.before == pruning.after
