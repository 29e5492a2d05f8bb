"""Steps about taking backups, and about what befalls them afterwards."""

from signal import SIGKILL

from pytest_bdd import given, parsers, then, when

from drill import backup as backups
from drill import catalogue
from drill.backup import Backup
from drill.damage import damage
from drill.evidence.journal import Journal
from drill.ledger import Writer
from drill.policy import Policy
from drill.runbook import DONE, Outcome, Runbook
from drill.stores import Store


@given("it has been backed up", target_fixture="backup")
@when("it is backed up", target_fixture="backup")
def backed_up(store: Store, runbook: Runbook) -> Backup:
    return backups.take(store, runbook=runbook)


@given("it has been backed up while it is written to", target_fixture="backup")
def backed_up_under_load(store: Store, runbook: Runbook, writer: Writer) -> Backup:
    return backups.take(store, runbook=runbook, acknowledged=len(writer.ledger))


@given(parsers.parse("the backup has since been {kind}"))
def has_since_been(backup: Backup, kind: str) -> None:
    damage(backup.stored, kind)


@given("a later backup has been killed half way", target_fixture="killed")
def killed_half_way(store: Store, runbook: Runbook) -> Outcome:
    return runbook.kill_backup(store)


@then("the later backup is no restore point")
def is_no_restore_point(killed: Outcome, backup: Backup, runbook: Runbook, store: Store) -> None:
    restore_points = [stored.id for stored in catalogue.backups(runbook.set_of(store))]

    assert killed.status == -SIGKILL
    assert restore_points == [backup.stored.id]


@then(parsers.parse("the backup's duration meets {criterion}"))
def duration_meets(backup: Backup, criterion: str, policy: Policy, journal: Journal) -> None:
    journal.measure(criterion, backup.outcome.took, source_bytes=backup.source_bytes)

    assert backup.outcome.status == DONE, str(backup.outcome)
    assert policy.criterion(criterion).objective.met_by(backup.outcome.took)
