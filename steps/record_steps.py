"""Steps about the document's logs: whether they tell of all that was done."""

from pytest_bdd import parsers, then, when

from drill.backups import catalogue
from drill.backups.backup import Backup
from drill.commands.runbook import DONE, Outcome, Runbook
from drill.evidence.completeness import Completeness, act, told
from drill.evidence.journal import Journal, Kind
from drill.policy import Policy
from drill.recoveries.recovery import Recovery
from drill.stores import Store

Record = list[dict[str, object]]


@when("the record is read", target_fixture="record")
def record_is_read(journal: Journal) -> Record:
    return list(journal.events)


@when(parsers.parse("the record is read without its {kind} log"), target_fixture="record")
def record_is_read_without(journal: Journal, kind: str) -> Record:
    return [event for event in journal.events if event["kind"] != Kind(kind)]


@then(parsers.parse("it tells of every backup, as {criterion} demands"))
def tells_of_backups(
    record: Record, store: Store, runbook: Runbook, killed: Outcome, criterion: str, policy: Policy, journal: Journal
) -> None:
    stored = [act(backup.id, DONE) for backup in catalogue.backups(runbook.set_of(store))]
    found = Completeness((*stored, act(None, killed.status)), told(record, Kind.BACKUP))
    journal.measure(criterion, found.share)

    assert ([], []) == (found.missing, found.invented)
    assert policy.criterion(criterion).objective.met_by(found.share)


@then(parsers.parse("it tells of the recovery, as {criterion} demands"))
def tells_of_recovery(
    record: Record, recovery: Recovery, backup: Backup, criterion: str, policy: Policy, journal: Journal
) -> None:
    found = Completeness((act(backup.id, recovery.outcome.status),), told(record, Kind.RECOVERY))
    journal.measure(criterion, found.share)

    assert ([], []) == (found.missing, found.invented)
    assert policy.criterion(criterion).objective.met_by(found.share)


@then(parsers.parse("it tells of the disaster, as {criterion} demands"))
def tells_of_disaster(record: Record, store: Store, criterion: str, policy: Policy, journal: Journal) -> None:
    found = Completeness((f"{store.procedure} lost",), told(record, Kind.INCIDENT))
    journal.measure(criterion, found.share)

    assert ([], []) == (found.missing, found.invented)
    assert policy.criterion(criterion).objective.met_by(found.share)


@then(parsers.parse("the {kind} is found to be missing"))
def found_missing(record: Record, store: Store, backup: Backup, recovery: Recovery, kind: str) -> None:
    done = {
        Kind.BACKUP: act(backup.id, backup.outcome.status),
        Kind.RECOVERY: act(backup.id, recovery.outcome.status),
        Kind.INCIDENT: f"{store.procedure} lost",
    }[Kind(kind)]

    assert [done] == Completeness((done,), told(record, Kind(kind))).missing
