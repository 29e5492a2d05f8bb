"""Steps about the other site, where copies of backups go that outlive this one."""

from datetime import timedelta

from pytest_bdd import given, parsers, then, when

from drill.backups import offsite
from drill.backups.backup import Backup
from drill.commands.runbook import DONE, REFUSED, Outcome, Runbook
from drill.evidence.journal import Journal
from drill.losses import away
from drill.losses.away import MORE, LogCopy
from drill.losses.ledger import Writer
from drill.losses.worst_loss import WorstLoss, worst_site_loss
from drill.policy import Policy
from drill.recoveries.comparison import lost, written
from drill.recoveries.recovery import Recovery, lose_and_recover
from drill.sites import Site
from drill.stores import ClusterStore, Store


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


@given("its backups and its log have been copied to the other site while it is written to", target_fixture="log_copy")
def log_copied(store: ClusterStore, writer: Writer, site: Site, runbook: Runbook) -> LogCopy:
    return away.copy_log(store, writer, site=site, runbook=runbook)


@given("its backups and its log have been copied to the other site")
def log_copied_at_rest(store: ClusterStore, site: Site, runbook: Runbook) -> None:
    offsite.copied(store, site=site, runbook=runbook)
    offsite.log_copied(store, site=site, runbook=runbook)


@given(parsers.parse("a segment of the log was {kind} at the other site"))
def log_damaged(site: Site, kind: str) -> None:
    offsite.damage_log(site, kind)


@given("a policy that does not have the log copied", target_fixture="policy")
def log_not_copied(policy: Policy) -> Policy:
    return policy.with_schedule(entry for entry in policy.schedule if entry.action != "copy-log")


@when("it is lost under load with all that is kept here, and recovered from the other site", target_fixture="recovery")
def lost_with_site_under_load(
    store: ClusterStore, backup: Backup, writer: Writer, site: Site, runbook: Runbook
) -> Recovery:
    writer.wait_for(MORE)
    return away.lose_site_and_recover(store, backup, site=site, runbook=runbook)


@when("its server is lost with all that is kept here, and recovered from the other site", target_fixture="recovery")
def server_lost_with_site(store: ClusterStore, backup: Backup, site: Site, runbook: Runbook) -> Recovery:
    return away.lose_site_and_recover(store, backup, site=site, runbook=runbook)


@when("what can be lost with this site is counted", target_fixture="site_loss")
def counted(store: Store, policy: Policy) -> WorstLoss | None:
    limit = policy.time_limit(store.procedure, "copy")
    return worst_site_loss(policy, store.procedure, backup_takes=limit, copy_takes=limit)


@then("every write of the copied log is there, and none is missing before one that is there")
def writes_of_log(store: Store, writer: Writer, recovery: Recovery, log_copy: LogCopy) -> None:
    loss = lost(store, writer, recovery)

    assert set() == set(range(log_copy.writes)) - written(store), str(recovery.outcome)
    assert ((), ()) == (loss.holes, loss.invented)


@then(parsers.parse("the data loss, at worst with this site lost too, meets {criterion}"))
def site_loss_meets(
    store: Store,
    writer: Writer,
    recovery: Recovery,
    backup: Backup,
    log_copy: LogCopy,
    criterion: str,
    policy: Policy,
    journal: Journal,
) -> None:
    loss = lost(store, writer, recovery)
    worst = worst_site_loss(policy, store.procedure, backup_takes=backup.outcome.took, copy_takes=log_copy.took)
    assert worst is not None
    journal.measure(criterion, loss.window, projected=worst.window, source_bytes=backup.source_bytes)

    assert loss.missing > 0, "nothing was lost, so nothing was measured"
    assert policy.criterion(criterion).objective.met_by(max(loss.window, worst.window)), str(worst)


@then(parsers.parse("it is more than {criterion} allows"))
def more_than_allowed(site_loss: WorstLoss | None, criterion: str, policy: Policy) -> None:
    assert site_loss is not None
    assert not policy.criterion(criterion).objective.met_by(site_loss.window)


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
    assert (REFUSED, reason) == (verification.status, verification.reason), str(verification)


@then(parsers.parse('the copy is refused as "{reason}"'))
def copy_refused(copy: Outcome, reason: str) -> None:
    assert (REFUSED, reason) == (copy.status, copy.reason), str(copy)


@then(parsers.parse("they go there as often as {criterion} demands"))
def go_there_often(store: Store, criterion: str, policy: Policy, journal: Journal) -> None:
    gap = policy.longest_gap(store.procedure, "copy")
    assert gap is not None, f"no copy of {store.procedure} is scheduled"

    journal.measure(criterion, gap)

    assert policy.criterion(criterion).objective.met_by(gap)
