"""Steps about taking backups, and about what befalls them afterwards."""

from datetime import UTC, datetime, timedelta
from signal import SIGKILL

from pytest_bdd import given, parsers, then, when

from drill.backups import backup as backups
from drill.backups import catalogue
from drill.backups.backup import Backup
from drill.commands.runbook import DONE, FAILED, Outcome, Runbook
from drill.damage import attribute, damage, damage_unsealed
from drill.evidence.journal import Journal
from drill.losses.ledger import Writer
from drill.policy import Policy
from drill.stores import Store


@given("it has been backed up", target_fixture="backup")
@given("it has been backed up once more", target_fixture="backup")
@when("it is backed up", target_fixture="backup")
def backed_up(store: Store, runbook: Runbook) -> Backup:
    return backups.take(store, runbook=runbook)


@given("it has been backed up by a clock that was a day ahead", target_fixture="backup")
def backed_up_ahead(store: Store, runbook: Runbook) -> Backup:
    return backups.take(store, runbook=runbook, now=datetime.now(UTC) + timedelta(days=1))


@given("it has been backed up twice, and written to in between", target_fixture="originals")
def backed_up_twice(store: Store, runbook: Runbook) -> tuple[Backup, Backup]:
    return backups.take_two(store, runbook=runbook)


@given("it has been backed up while it is written to", target_fixture="backup")
def backed_up_under_load(store: Store, runbook: Runbook, writer: Writer) -> Backup:
    return backups.take(store, runbook=runbook, acknowledged=len(writer.ledger))


@given("its changes have been backed up while it is written to", target_fixture="backup")
def changes_backed_up_under_load(store: Store, runbook: Runbook, backup: Backup, writer: Writer) -> Backup:
    writer.wait_for(100)
    return backups.take(store, runbook=runbook, acknowledged=len(writer.ledger), parent=backup)


@given(parsers.parse("the backup has since been {kind}"))
def has_since_been(backup: Backup, kind: str) -> None:
    damage(backup.stored, kind)


@given(parsers.parse("the backup was {kind} before its checksums were taken"))
def was_before_sealing(backup: Backup, kind: str) -> None:
    damage_unsealed(backup.stored, kind)


@given("the backup is written by a newer server")
def written_by_newer_server(backup: Backup) -> None:
    damage_unsealed(backup.stored, "written by a newer server")


@given("the backup is said to be another engine's")
def of_another_engine(backup: Backup) -> None:
    attribute(backup.stored, engine="another engine")


@when("a backup is attempted", target_fixture="attempt")
@when("another backup is attempted", target_fixture="attempt")
@when("a backup is completed", target_fixture="attempt")
def attempted(store: Store, runbook: Runbook) -> Outcome:
    return runbook.back_up(store)


@then(parsers.parse('the backup fails as "{reason}"'))
def backup_fails_as(attempt: Outcome, reason: str) -> None:
    assert (FAILED, reason) == (attempt.status, attempt.reason), str(attempt)


@then("the first backup is the only restore point")
def only_restore_point(store: Store, runbook: Runbook, backup: Backup) -> None:
    assert [backup.id] == [stored.id for stored in catalogue.backups(runbook.set_of(store))]


@then("there is no restore point")
def no_restore_point(store: Store, runbook: Runbook) -> None:
    assert [] == catalogue.in_sight(runbook.set_of(store))


@given("a later backup has been killed half way", target_fixture="killed")
def killed_half_way(store: Store, runbook: Runbook) -> Outcome:
    return runbook.kill_backup(store)


@then("the later backup is no restore point")
def is_no_restore_point(killed: Outcome, backup: Backup, runbook: Runbook, store: Store) -> None:
    restore_points = [stored.id for stored in catalogue.backups(runbook.set_of(store))]

    assert killed.status == -SIGKILL
    assert restore_points == [backup.stored.id]
    assert restore_points == catalogue.in_sight(runbook.set_of(store))


@then(parsers.parse("the backup's duration meets {criterion}"))
def duration_meets(store: Store, backup: Backup, criterion: str, policy: Policy, journal: Journal) -> None:
    journal.measure(criterion, backup.outcome.took, source_bytes=backup.source_bytes, procedure=store.procedure)

    assert backup.outcome.status == DONE, str(backup.outcome)
    assert policy.criterion(criterion).objective.met_by(backup.outcome.took)
