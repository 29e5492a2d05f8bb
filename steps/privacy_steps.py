"""Steps about who may read what is kept: its owner, and nobody else."""

from pytest_bdd import given, parsers, then, when

from drill.backups.backup import Backup
from drill.commands.runbook import Runbook
from drill.damage.modes import lay_open
from drill.evidence.journal import Journal
from drill.policy import Policy
from drill.secrecy import privacy
from drill.stores import Store


@given("everybody may read what the commands write, unless they take care", target_fixture="runbook")
def careless(runbook: Runbook) -> Runbook:
    return runbook.with_umask(0)


@given(parsers.parse("somebody has since let others {what}"))
def laid_open(backup: Backup, what: str) -> None:
    lay_open(backup.stored, what)


@when("who may read what is kept is looked at", target_fixture="exposed")
def looked_at(store: Store, runbook: Runbook) -> list[str]:
    return privacy.exposed(runbook.set_of(store))


@then(parsers.parse("nobody but its owner may, as {criterion} demands"))
def owner_alone(exposed: list[str], criterion: str, policy: Policy, journal: Journal) -> None:
    journal.measure(criterion, len(exposed))

    assert [] == exposed
    assert policy.criterion(criterion).objective.met_by(len(exposed))


@then("what is kept is open to nobody but its owner")
def open_to_nobody(store: Store, runbook: Runbook) -> None:
    assert [] == privacy.exposed(runbook.set_of(store))


@then("it is found that others may")
def others_may(exposed: list[str]) -> None:
    assert 1 == len(exposed)
