"""Steps about the other site, where copies of backups go that outlive this one."""

from datetime import timedelta

from pytest_bdd import given, parsers, then, when

from drill.backups import offsite
from drill.backups.backup import Backup
from drill.commands.runbook import DONE, Outcome, Runbook
from drill.evidence.journal import Journal
from drill.policy import Policy
from drill.recoveries.recovery import Recovery, lose_and_recover
from drill.sites import Site
from drill.stores import Store


@given("its backups have been copied to the other site", target_fixture="copy")
@when("the copy is made once more", target_fixture="copy")
def copied(store: Store, site: Site, runbook: Runbook) -> Outcome:
    return offsite.copied(store, site=site, runbook=runbook)


@given("a copy to the other site has been killed half way", target_fixture="copy")
@when("a copy to the other site is killed half way", target_fixture="copy")
def copy_killed(store: Store, backup: Backup, site: Site, runbook: Runbook) -> Outcome:
    return offsite.killed_half_way(store, backup, site=site, runbook=runbook)


@given("the copy was altered by one bit at the other site")
def copy_altered(site: Site) -> None:
    offsite.alter(site)


@when("a copy to the other site is attempted", target_fixture="copy")
def copy_attempted(store: Store, site: Site, runbook: Runbook) -> Outcome:
    return runbook.copy_offsite(store, site)


@when("the copies are verified at the other site", target_fixture="verification")
def verified_there(store: Store, site: Site, runbook: Runbook) -> Outcome:
    return runbook.verify_at_site(store, site)


@when("it is lost with all that is kept here, and recovered from the other site", target_fixture="recovery")
def recovered_from_site(store: Store, backup: Backup, site: Site, runbook: Runbook) -> Recovery:
    runbook.lose_repository()
    return lose_and_recover(
        store,
        backup,
        backup_id=backup.id,
        runbook=runbook,
        fetch=lambda: runbook.fetch_from_site(store, site, backup.id),
    )


@then("the transfer is a part of the recovery time")
def transfer_counts(recovery: Recovery) -> None:
    assert timedelta(0) < recovery.phases["fetch"] < recovery.took


@then("the backup is the only restore point at the other site")
def only_restore_point(backup: Backup, site: Site) -> None:
    assert [backup.id] == offsite.restore_points(site)


@then("there is no restore point at the other site")
def no_restore_point(site: Site) -> None:
    assert [] == offsite.restore_points(site)


@then("they are what was backed up")
def are_what_was_backed_up(verification: Outcome) -> None:
    assert DONE == verification.status, str(verification)


@then(parsers.parse('the copies are refused as "{reason}"'))
def copies_refused(verification: Outcome, reason: str) -> None:
    assert reason == verification.reason, str(verification)


@then(parsers.parse('the copy is refused as "{reason}"'))
def copy_refused(copy: Outcome, reason: str) -> None:
    assert reason == copy.reason, str(copy)


@then(parsers.parse("they go there as often as {criterion} demands"))
def go_there_often(store: Store, criterion: str, policy: Policy, journal: Journal) -> None:
    gap = policy.longest_gap(store.procedure, "copy")
    assert gap is not None, f"no copy of {store.procedure} is scheduled"

    journal.measure(criterion, gap)

    assert policy.criterion(criterion).objective.met_by(gap)
