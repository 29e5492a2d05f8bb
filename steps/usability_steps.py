"""Steps about working with a restored database: what it was like before, and what is wrong with it now."""

from pytest_bdd import given, parsers, then, when

from drill import usability
from drill.damage import sabotage
from drill.evidence.journal import Journal
from drill.policy import Policy
from drill.stores import DatabaseStore
from drill.usability import Finding, Latency, Usage


@given("its use has been noted", target_fixture="usage")
def use_noted(store: DatabaseStore) -> Usage:
    return usability.noted(store)


@given(
    "its usual queries have been timed beside a bystander's, the first ones after a restart", target_fixture="latency"
)
def queries_timed(store: DatabaseStore, bystander: DatabaseStore) -> Latency:
    return usability.timed_from_start(store, bystander)


@when(parsers.parse("afterwards {kind}"))
def afterwards(store: DatabaseStore, kind: str) -> None:
    with store.server.connect(store.name) as connection:
        sabotage(connection, kind)


@when("it is worked with", target_fixture="findings")
def worked_with(store: DatabaseStore, usage: Usage) -> list[Finding]:
    return usability.lost(usage, usability.noted(store))


@when("its usual queries are timed again", target_fixture="latency_now")
def timed_again(store: DatabaseStore, bystander: DatabaseStore) -> Latency:
    return usability.timed(store, bystander)


@then("every first insert works and every trigger fires")
def inserts_work(findings: list[Finding]) -> None:
    assert [] == [str(each) for each in findings if each.id in usability.WRITING]


@then("whatever hangs on the data can be relied on")
def can_be_relied_on(findings: list[Finding]) -> None:
    assert [] == [str(each) for each in findings if each.id in usability.STRUCTURE]


@then("everybody may do and see exactly what they could before")
def rights_are_the_same(findings: list[Finding]) -> None:
    assert [] == [str(each) for each in findings if each.id in usability.RIGHTS]


@then(parsers.parse("nothing stands in the way of working with it, as {criterion} demands"))
def nothing_in_the_way(findings: list[Finding], criterion: str, policy: Policy, journal: Journal) -> None:
    journal.measure(criterion, len(findings))

    assert [] == list(map(str, findings))
    assert policy.criterion(criterion).objective.met_by(len(findings))


@then(parsers.parse('it is refused for "{identifiers}" and nothing else'))
def refused_for(findings: list[Finding], identifiers: str) -> None:
    assert identifiers.split(", ") == sorted({each.id for each in findings})


@then(parsers.parse("the time for its usual queries, beside that before, meets {criterion}"))
def latency_meets(latency: Latency, latency_now: Latency, criterion: str, policy: Policy, journal: Journal) -> None:
    ratio = latency_now.beside(latency)
    journal.measure(criterion, ratio)

    assert policy.criterion(criterion).objective.met_by(ratio), f"{latency} before, {latency_now} now"


@then(parsers.parse("the server worked on the first ones no more than {factor:d} times as long as after that restart"))
def first_queries_are_no_slower(latency: Latency, latency_now: Latency, factor: int) -> None:
    assert latency_now.first <= factor * latency.first, f"{latency} before, {latency_now} now"
