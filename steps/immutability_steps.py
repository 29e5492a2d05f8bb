"""Steps about copies that nobody can remove, and about those who try."""

from pytest_bdd import given, parsers, then, when

from drill.backups import offsite
from drill.backups.backup import Backup
from drill.commands.runbook import Outcome, Runbook
from drill.evidence.journal import Journal
from drill.policy import Policy
from drill.sites import Site, attacks
from drill.sites.attacks import Attempt
from drill.stores import Store


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


@when(parsers.parse("the {role} account tries everything against the copy"), target_fixture="attempts")
def everything_tried(site: Site, role: str) -> list[Attempt]:
    return attacks.attack(site, role)


@then(parsers.parse("nothing of it has worked, as {criterion} demands"))
def nothing_worked(attempts: list[Attempt], criterion: str, policy: Policy, journal: Journal) -> None:
    worked = [str(attempt) for attempt in attempts if attempt.worked]
    journal.measure(criterion, len(worked))

    assert [] == worked
    assert policy.criterion(criterion).objective.met_by(len(worked))


@then("every part of the copy is locked until its term is over")
def locked_until(site: Site, backup: Backup, policy: Policy) -> None:
    assert policy.offsite
    due = backup.stored.finished + policy.offsite.lock_term

    assert [] == [key for key, until in attacks.locks(site).items() if until is None or until < due]


@then(parsers.parse('it is found that "{what}"'))
def found_that(attempts: list[Attempt], what: str) -> None:
    assert what in [attempt.what for attempt in attempts if attempt.worked]
