"""Steps about copies that nobody can remove, and about those who try."""

from datetime import datetime

from pytest_bdd import given, parsers, then, when

from drill.backups import offsite
from drill.backups.backup import Backup
from drill.commands.runbook import Outcome, Runbook
from drill.evidence.journal import Journal
from drill.losses import away
from drill.policy import Policy
from drill.recoveries.recovery import Recovery
from drill.sites import Site, attacks, versions
from drill.sites.attacks import Attempt
from drill.stores import ClusterStore, Store


@given("another site that lets locked copies be weakened", target_fixture="site")
def lenient(lenient_site: Site) -> Site:
    return lenient_site


@given("a policy that does not have copies locked", target_fixture="policy")
def not_locked(policy: Policy) -> Policy:
    return policy.with_offsite(lock_mode=None)


@given("a policy that has copies locked, but not against administrators", target_fixture="policy")
def locked_for_most(policy: Policy) -> Policy:
    return policy.with_offsite(lock_mode="governance")


@given("its backups have been copied there", target_fixture="copy")
def copied_there(store: Store, site: Site, runbook: Runbook) -> Outcome:
    return offsite.copied(store, site=site, runbook=runbook)


@given("every object there has since been overwritten, and removed by its name", target_fixture="before_attack")
def everything_hidden(site: Site) -> datetime:
    return versions.hide(site)


@when(
    "its server is lost with all that is kept here, and recovered from the other site as it was before that",
    target_fixture="recovery",
)
def recovered_as_of(
    store: ClusterStore, backup: Backup, site: Site, runbook: Runbook, before_attack: datetime
) -> Recovery:
    return away.lose_site_and_recover(store, backup, site=site, runbook=runbook, as_of=before_attack)


@when(parsers.parse("the {role} account tries everything against the copy"), target_fixture="attempts")
def everything_tried(site: Site, role: str) -> list[Attempt]:
    return attacks.attack(site, role)


@then(parsers.parse("nothing of it has worked, as {criterion} demands"))
def nothing_worked(attempts: list[Attempt], criterion: str, policy: Policy, journal: Journal) -> None:
    worked = [str(attempt) for attempt in attempts if attempt.worked]
    journal.measure(criterion, len(worked))

    assert [] == worked
    assert policy.criterion(criterion).objective.met_by(len(worked))


@then(parsers.parse("what cannot be judged here is said: {what}"))
def unjudged_is_said(attempts: list[Attempt], what: str) -> None:
    assert ([] if what == "nothing" else [what]) == attacks.unjudged(attempts)


@then("every part of the copy is locked until its term is over")
def locked_until(site: Site, backup: Backup, policy: Policy) -> None:
    assert policy.offsite
    due = backup.stored.finished + policy.offsite.lock_term

    assert [] == [key for key, until in attacks.locks(site).items() if until is None or until < due]


@then(parsers.parse('it is found that "{what}"'))
def found_that(attempts: list[Attempt], what: str) -> None:
    assert what in [attempt.what for attempt in attempts if attempt.worked]
