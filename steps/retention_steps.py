"""Steps about how long backups are kept."""

from datetime import timedelta
from functools import partial

from pytest_bdd import given, parsers, then, when

from drill.backups import keeping
from drill.backups.backup import Backup
from drill.backups.calendar import Calendar, Pruning, prune_at, simulate
from drill.backups.catalogue import in_sight
from drill.backups.chain import Chain
from drill.backups.pruning import KilledPruning, TwoPrunings, kill_half_way, prune_twice
from drill.backups.verification import Verification
from drill.commands.runbook import DONE, FAILED, REFUSED, Runbook
from drill.damage import damage
from drill.evidence.journal import Journal
from drill.policy import Policy
from drill.stores import Store

YEAR = timedelta(days=365)
MOMENT = timedelta(microseconds=1)
MONTH = timedelta(days=30)
ROT = partial(damage, kind="altered by one bit")


@when("a year of daily backups is taken and pruned every week", target_fixture="calendar")
def year_of_backups(store: Store, backup: Backup, runbook: Runbook) -> Calendar:
    return simulate(backup.stored, runbook=runbook, procedure=store.procedure, days=YEAR.days)


@when("sixty days of daily backups are taken and pruned every week", target_fixture="calendar")
def sixty_days_of_backups(store: Store, backup: Backup, runbook: Runbook) -> Calendar:
    return simulate(backup.stored, runbook=runbook, procedure=store.procedure, days=60)


@when("sixty days of daily backups like these are taken and pruned every week", target_fixture="calendar")
def sixty_days_by_turns(store: Store, originals: tuple[Backup, Backup], runbook: Runbook) -> Calendar:
    return simulate(*(each.stored for each in originals), runbook=runbook, procedure=store.procedure, days=60)


@when(
    "sixty days of daily backups are taken, every second rots, and they are verified and pruned every month",
    target_fixture="calendar",
)
def sixty_days_with_rot(store: Store, backup: Backup, runbook: Runbook) -> Calendar:
    procedure = store.procedure
    return simulate(backup.stored, runbook=runbook, procedure=procedure, days=60, prune_every=MONTH, mishap=ROT)


@given("a policy that keeps nothing for years", target_fixture="policy")
def nothing_for_years(policy: Policy) -> Policy:
    return policy.with_retention(copies={})


@given("a policy that keeps nothing beyond its term", target_fixture="policy")
def nothing_beyond_the_term(policy: Policy) -> Policy:
    return policy.with_retention(daily=1, weekly=1, monthly=1, copies={})


@given("somebody has pinned the backup")
def pinned(backup: Backup) -> None:
    keeping.pin(backup.stored)


@given("somebody has put its backups on a legal hold")
def held(backup: Backup) -> None:
    keeping.hold(backup.stored)


@when("sixteen months of daily backups are taken and pruned every month", target_fixture="calendar")
def months_of_backups(store: Store, backup: Backup, runbook: Runbook) -> Calendar:
    days, month = 16 * MONTH.days, MONTH
    return simulate(backup.stored, runbook=runbook, procedure=store.procedure, days=days, prune_every=month)


@when("sixteen months of daily backups like these are taken and pruned every month", target_fixture="calendar")
def months_by_turns(store: Store, originals: tuple[Backup, Backup], runbook: Runbook) -> Calendar:
    stored = (each.stored for each in originals)
    days, month = 16 * MONTH.days, MONTH
    return simulate(*stored, runbook=runbook, procedure=store.procedure, days=days, prune_every=month)


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


@when("a year of daily backups is taken and their pruning is killed half way", target_fixture="killed_pruning")
def pruning_killed(store: Store, backup: Backup, runbook: Runbook) -> KilledPruning:
    return kill_half_way(backup.stored, runbook=runbook, procedure=store.procedure, days=YEAR.days)


@when("a year of daily backups is taken and pruned twice at once", target_fixture="two_prunings")
def pruned_twice(store: Store, backup: Backup, runbook: Runbook) -> TwoPrunings:
    return prune_twice(backup.stored, runbook=runbook, procedure=store.procedure, days=YEAR.days)


@then(parsers.parse('the second pruning has failed as "{reason}"'))
def second_pruning_failed(two_prunings: TwoPrunings, reason: str) -> None:
    assert (FAILED, reason) == (two_prunings.second.status, two_prunings.second.reason), str(two_prunings.second)


@then("the first has finished, and no promised backup is missing")
def first_pruning_finished(two_prunings: TwoPrunings) -> None:
    assert (DONE, ()) == (two_prunings.first.status, two_prunings.missing), str(two_prunings.first)


@then("the first backup is still there, although nothing promises it")
def first_is_there(backup: Backup, calendar: Calendar) -> None:
    assert backup.stored.finished in calendar.kept
    assert backup.id not in calendar.promised


@then("the first backup is not there any more")
def first_is_gone(store: Store, backup: Backup, runbook: Runbook, calendar: Calendar) -> None:
    assert {DONE} == {pruning.status for pruning in calendar.prunings}
    assert backup.id not in in_sight(runbook.set_of(store))


@then("no promised backup is missing, and none in sight is damaged")
def nothing_lost(killed_pruning: KilledPruning) -> None:
    assert ((), ()) == (killed_pruning.missing, killed_pruning.damaged)


@then("the next pruning has finished it")
def pruning_finished(killed_pruning: KilledPruning) -> None:
    assert (DONE, ()) == (killed_pruning.then.status, killed_pruning.left), str(killed_pruning.then)


@then("no promised backup was ever missing")
def nothing_missing(calendar: Calendar) -> None:
    assert {DONE} == {pruning.status for pruning in calendar.prunings}
    assert () == calendar.broken


@then("what was verified is still there")
def verified_is_there(store: Store, runbook: Runbook, verification: Verification) -> None:
    assert [] == sorted(set(verification.there) - set(in_sight(runbook.set_of(store))))


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
