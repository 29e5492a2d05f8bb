"""Steps about how many copies of a backup there are, and of what kind: 3-2-1-1-0."""

from datetime import timedelta

from pytest_bdd import given, parsers, then, when

from drill.backups.backup import Backup
from drill.commands.runbook import Runbook
from drill.evidence.journal import Journal
from drill.inventory import copies
from drill.inventory.copies import Copies
from drill.policy import Policy
from drill.sites import Site
from drill.stores import Store


@given("a policy that has copies locked for a day only", target_fixture="policy")
def locked_for_a_day(policy: Policy) -> Policy:
    return policy.with_offsite(lock_term=timedelta(days=1))


@given("all that is kept here has been lost")
def kept_here_lost(runbook: Runbook) -> None:
    runbook.lose_repository()


@when("its copies are counted, verified, restored and attacked", target_fixture="copies")
def counted(store: Store, backup: Backup, site: Site, runbook: Runbook) -> Copies:
    return copies.count(store, backup, site=site, runbook=runbook)


@then(parsers.parse("there are enough of every kind and none with errors, as {criterion} demands"))
def enough_of_every_kind(copies: Copies, criterion: str, policy: Policy, journal: Journal) -> None:
    journal.measure(criterion, len(copies.findings))

    assert [] == copies.findings
    assert policy.criterion(criterion).objective.met_by(len(copies.findings))


@then(parsers.parse("all of it holds but this: {findings}"))
def holds_but_this(copies: Copies, findings: str) -> None:
    assert findings.split(", ") == copies.findings
