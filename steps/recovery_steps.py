"""Steps about losing a store and getting it back."""

from pytest_bdd import given, parsers, then, when

from drill.backups.backup import Backup
from drill.backups.calendar import Calendar
from drill.backups.catalogue import newest
from drill.commands.runbook import DONE, FAILED, REFUSED, Runbook
from drill.evidence.journal import Journal, Kind
from drill.losses.ledger import Writer
from drill.plugins.session import Settings
from drill.policy import Policy
from drill.recoveries.interrupted import lose_and_kill_restore
from drill.recoveries.recovery import Recovery, lose_and_recover, restore_onto
from drill.stores import CacheStore, DatabaseStore, Store

NEVER_TAKEN = "20000101T000000.000000Z-full"


@given("it has been lost and recovered from the backup", target_fixture="recovery")
@when("it is lost and recovered from the backup", target_fixture="recovery")
@when("it is lost and a recovery is attempted", target_fixture="recovery")
def lost_and_recovered(store: Store, runbook: Runbook, backup: Backup) -> Recovery:
    return lose_and_recover(store, backup, backup_id=backup.id, runbook=runbook)


@given(parsers.parse("it has been lost, and its restore was killed once it had {moment}"))
def restore_killed(store: CacheStore | DatabaseStore, backup: Backup, runbook: Runbook, moment: str) -> None:
    lose_and_kill_restore(store, backup, moment=moment, runbook=runbook)


@when("the restore is run again", target_fixture="recovery")
@when("a restore over what is still there is attempted", target_fixture="recovery")
def restored_over(store: Store, runbook: Runbook, backup: Backup) -> Recovery:
    return restore_onto(store, backup_id=backup.id, runbook=runbook)


@when("it is lost under load and recovered from the backup", target_fixture="recovery")
def lost_under_load(store: Store, runbook: Runbook, backup: Backup, writer: Writer) -> Recovery:
    writer.wait_for(200)
    return lose_and_recover(store, backup, backup_id=backup.id, runbook=runbook)


@when("it is lost and recovered from a backup that was never taken", target_fixture="recovery")
def recovered_from_nothing(store: Store, runbook: Runbook, backup: Backup) -> Recovery:
    return lose_and_recover(store, backup, backup_id=NEVER_TAKEN, runbook=runbook)


@when("it is lost and recovered from the newest restore point", target_fixture="recovery")
def recovered_from_newest(store: Store, runbook: Runbook, backup: Backup) -> Recovery:
    return lose_and_recover(store, backup, backup_id=newest(runbook.set_of(store)).id, runbook=runbook)


@when("it is lost and recovered from the oldest promised backup", target_fixture="backup")
def recovered_from_oldest(
    store: Store, runbook: Runbook, originals: tuple[Backup, Backup], calendar: Calendar
) -> Backup:
    original = calendar.original(calendar.oldest_promised, originals)
    lose_and_recover(store, original, backup_id=calendar.oldest_promised, runbook=runbook)
    return original


@when("it is lost and recovered from a promised backup that chance chooses", target_fixture="backup")
def recovered_from_any(
    store: Store, runbook: Runbook, originals: tuple[Backup, Backup], calendar: Calendar, settings: Settings
) -> Backup:
    chosen = calendar.any_promised(settings.chance)
    runbook.journal.event(Kind.TESTING, what="a promised backup chosen by chance", backup=chosen, seed=settings.chance)
    original = calendar.original(chosen, originals)
    lose_and_recover(store, original, backup_id=chosen, runbook=runbook)
    return original


@then("it gives its first answer as before")
def first_answer(recovery: Recovery, backup: Backup) -> None:
    assert backup.healthy == recovery.answer, str(recovery.outcome)


@then(parsers.parse("the recovery time meets {criterion}"))
def recovery_time_meets(
    store: Store, recovery: Recovery, backup: Backup, criterion: str, policy: Policy, journal: Journal
) -> None:
    journal.measure(
        criterion,
        recovery.took,
        source_bytes=backup.source_bytes,
        procedure=store.procedure,
        phases=recovery.phases,
    )

    assert policy.criterion(criterion).objective.met_by(recovery.took)


@then("there is no recovery time")
def no_recovery_time(recovery: Recovery) -> None:
    assert recovery.has_answered is False


@then(parsers.parse('the restore is refused as "{reason}"'))
def refused_as(recovery: Recovery, reason: str) -> None:
    assert (REFUSED, reason) == (recovery.outcome.status, recovery.outcome.reason), str(recovery.outcome)


@then("the target is blank")
def target_is_untouched(store: Store) -> None:
    assert [] == store.leftovers()


@then(parsers.parse('the restore fails as "{reason}"'))
def fails_as(recovery: Recovery, reason: str) -> None:
    assert (FAILED, reason) == (recovery.outcome.status, recovery.outcome.reason), str(recovery.outcome)


@then("the restore itself finds nothing wrong")
def finds_nothing_wrong(recovery: Recovery) -> None:
    assert DONE == recovery.outcome.status, str(recovery.outcome)


@then(parsers.parse("the target is as blank as {criterion} demands"))
def target_is_blank(store: Store, criterion: str, policy: Policy, journal: Journal) -> None:
    leftovers = store.leftovers()
    journal.measure(criterion, len(leftovers))

    assert [] == leftovers
    assert policy.criterion(criterion).objective.met_by(len(leftovers))
