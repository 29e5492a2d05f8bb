"""Steps about what is on the disk when a command calls it done."""

from pytest_bdd import given, parsers, then

from drill.commands import flushing
from drill.commands.runbook import Runbook
from drill.evidence.journal import Journal
from drill.policy import Policy


@given("what the commands flush is written down", target_fixture="runbook")
def written_down(runbook: Runbook) -> Runbook:
    return runbook.with_variables(flushing.variables(runbook.repository))


@given("the commands flush nothing, and what they rename is written down", target_fixture="runbook")
def flush_nothing(runbook: Runbook) -> Runbook:
    return runbook.with_variables(flushing.variables(runbook.repository, lost=True))


@then(parsers.parse("everything was flushed before it was called done, as {criterion} demands"))
def everything_flushed(runbook: Runbook, criterion: str, policy: Policy, journal: Journal) -> None:
    findings = flushing.findings(runbook.repository)
    journal.measure(criterion, len(findings))

    assert [] == findings
    assert policy.criterion(criterion).objective.met_by(len(findings))


@then("it is found that something was not flushed")
def something_not_flushed(runbook: Runbook) -> None:
    assert [] != flushing.findings(runbook.repository)
