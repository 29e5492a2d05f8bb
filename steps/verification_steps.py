"""Steps about stored backups that are read again, and about a verification that has stopped."""

import shutil
from datetime import UTC, datetime, timedelta

from pytest_bdd import given, parsers, then, when

from drill.backups import verification as verifications
from drill.backups.backup import Backup
from drill.backups.catalogue import StoredBackup
from drill.backups.verification import Verification
from drill.commands.runbook import DONE, REFUSED, Runbook
from drill.damage import damage
from drill.evidence.journal import Journal
from drill.policy import Policy
from drill.stores import Store


@given("a backup of each of the last thirty days is kept", target_fixture="kept")
def month_kept(backup: Backup) -> list[StoredBackup]:
    return verifications.month_of(backup.stored)


@given("its stored backups have been verified", target_fixture="verification")
@when("its stored backups are verified", target_fixture="verification")
def verified(store: Store, runbook: Runbook) -> Verification:
    return verifications.verified(store, runbook=runbook, now=datetime.now(UTC))


@given(parsers.parse("the oldest of them has since been {kind}"))
def oldest_damaged(kept: list[StoredBackup], kind: str) -> None:
    damage(kept[0], kind)


@given("somebody has since removed the oldest of them")
def oldest_removed(kept: list[StoredBackup]) -> None:
    shutil.rmtree(kept[0].directory)


@when(parsers.parse("{days:d} days pass without another verification"), target_fixture="noticed")
def days_pass(store: Store, runbook: Runbook, days: int) -> list[str]:
    return verifications.noticed(store, runbook=runbook, now=datetime.now(UTC) + timedelta(days=days))


@when("the catalogue is looked at on the same day", target_fixture="noticed")
def looked_at(store: Store, runbook: Runbook) -> list[str]:
    return verifications.noticed(store, runbook=runbook, now=datetime.now(UTC))


@then("every one of them was read")
def every_one_read(verification: Verification) -> None:
    assert (DONE, list(verification.there)) == (
        verification.outcome.status,
        verification.outcome.result.get("verified"),
    ), str(verification.outcome)


@then(parsers.parse("those of every procedure are read again as often as {criterion} demands"))
def read_again_often(criterion: str, policy: Policy, journal: Journal) -> None:
    backed_up = sorted({entry.procedure for entry in policy.schedule if entry.action == "backup"})
    gaps = {name: policy.longest_gap(name, "verify") for name in backed_up}
    journal.measure(criterion, max((gap for gap in gaps.values() if gap), default=timedelta.max))

    assert [] == [
        name for name, gap in gaps.items() if gap is None or not policy.criterion(criterion).objective.met_by(gap)
    ]


@then(parsers.parse('the verification is refused as "{reason}"'))
def refused(verification: Verification, reason: str) -> None:
    assert (REFUSED, reason) == (verification.outcome.status, verification.outcome.reason), str(verification.outcome)


@then("the oldest of them, and no other, is named")
def oldest_named(verification: Verification, kept: list[StoredBackup]) -> None:
    assert (kept[0].id,) == verification.accused


@then("what is named is what does not hold")
def named_is_flawed(verification: Verification) -> None:
    assert verification.flawed == verification.accused


@then("it is noticed that nothing was verified in time")
def stop_noticed(noticed: list[str]) -> None:
    assert "verification-late" in noticed


@then("the verification is in time")
def in_time(noticed: list[str]) -> None:
    assert "verification-late" not in noticed
