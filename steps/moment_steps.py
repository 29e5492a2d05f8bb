"""Steps about moments that a server is recovered to."""

from pytest_bdd import given, parsers, then, when

from drill.backups import backup as backups
from drill.backups.backup import Backup
from drill.commands.runbook import WRONG_ARGUMENTS, Runbook
from drill.evidence.journal import Journal
from drill.policy import Policy
from drill.recoveries.comparison import misplaced, spanning
from drill.recoveries.moments import Moment, within_backup
from drill.recoveries.recovery import Recovery, lose_and_recover
from drill.stores import ClusterStore

AFTER_RETURN = 50


@given("a moment has passed while it was written to", target_fixture="moment")
def moment_has_passed(store: ClusterStore) -> Moment:
    return store.pass_moment()


@given("a transaction has begun before the moment and was committed after it", target_fixture="moment")
def transaction_spans_moment(store: ClusterStore) -> Moment:
    return store.span_moment()


@given("it was lost, recovered to the moment, backed up anew and written to", target_fixture="returned")
def taken_back_into_service(store: ClusterStore, backup: Backup, runbook: Runbook, moment: Moment) -> range:
    lose_and_recover(store, backup, backup_id=backup.id, runbook=runbook, target=moment.target("time"))
    store.return_to_service()
    backups.take(store, runbook=runbook)
    return store.archive_writes(range(moment.before, moment.before + AFTER_RETURN))


@when(parsers.parse("it is lost and recovered to the moment, given as a {kind}"), target_fixture="recovery")
@when(parsers.parse("it is lost and recovered to a moment that {kind}"), target_fixture="recovery")
def recovered_to_moment(store: ClusterStore, backup: Backup, runbook: Runbook, moment: Moment, kind: str) -> Recovery:
    return lose_and_recover(store, backup, backup_id=backup.id, runbook=runbook, target=moment.target(kind))


@when(
    parsers.parse("it is lost and recovered to a moment within the backup, given as a {kind}"),
    target_fixture="recovery",
)
def recovered_to_within(store: ClusterStore, backup: Backup, runbook: Runbook, kind: str) -> Recovery:
    target = within_backup(backup.stored.manifest.source, kind)
    return lose_and_recover(store, backup, backup_id=backup.id, runbook=runbook, target=target)


@when("it is lost and recovered to the end of its log", target_fixture="recovery")
def recovered_to_end(store: ClusterStore, backup: Backup, runbook: Runbook) -> Recovery:
    return lose_and_recover(store, backup, backup_id=None, runbook=runbook)


@then(parsers.parse("it holds the writes before the moment and no others, as {criterion} demands"))
def holds_writes_before(
    store: ClusterStore, recovery: Recovery, moment: Moment, criterion: str, policy: Policy, journal: Journal
) -> None:
    wrong = misplaced(store, range(moment.before))
    journal.measure(criterion, len(wrong))

    assert [] == wrong, str(recovery.outcome)
    assert policy.criterion(criterion).objective.met_by(len(wrong))


@then(parsers.parse("it holds every write that was archived, as {criterion} demands"))
def holds_every_write(
    store: ClusterStore, recovery: Recovery, moment: Moment, criterion: str, policy: Policy, journal: Journal
) -> None:
    wrong = misplaced(store, range(moment.written))
    journal.measure(criterion, len(wrong))

    assert [] == wrong, str(recovery.outcome)
    assert policy.criterion(criterion).objective.met_by(len(wrong))


@then(parsers.parse("it holds the writes before the moment and those after its return, as {criterion} demands"))
def holds_both_timelines(
    store: ClusterStore, moment: Moment, returned: range, criterion: str, policy: Policy, journal: Journal
) -> None:
    wrong = misplaced(store, {*range(moment.before), *returned})
    journal.measure(criterion, len(wrong))

    assert [] == wrong
    assert policy.criterion(criterion).objective.met_by(len(wrong))


@then("nothing of that transaction is there")
def nothing_of_transaction(store: ClusterStore) -> None:
    assert [] == spanning(store)


@then(parsers.parse('the restore is turned down as "{reason}"'))
def turned_down_as(recovery: Recovery, reason: str) -> None:
    assert (WRONG_ARGUMENTS, reason) == (recovery.outcome.status, recovery.outcome.reason), str(recovery.outcome)
