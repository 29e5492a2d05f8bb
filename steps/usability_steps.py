"""Steps about working with a restored database: what it was like before, and what is wrong with it now."""

from datetime import timedelta

from pytest_bdd import given, parsers, then, when

from drill import usability
from drill.backups.backup import Backup
from drill.commands.runbook import Runbook
from drill.damage import sabotage
from drill.evidence.journal import Journal
from drill.policy import Policy
from drill.recoveries.recovery import lose_and_recover
from drill.stores import DatabaseStore
from drill.usability import Finding, Latency, Usage


@given("its use has been noted", target_fixture="usage")
def use_noted(store: DatabaseStore) -> Usage:
    return usability.noted(store)


@given(
    parsers.parse("its usual queries have been timed, the first ones after {times:d} restarts"),
    target_fixture="latency",
)
def queries_timed(store: DatabaseStore, times: int) -> Latency:
    firsts = [usability.first_after_restart(store) for _ in range(times)]
    return Latency(min(firsts), usability.usual(store))


@when(parsers.parse("afterwards {kind}"))
def afterwards(store: DatabaseStore, kind: str) -> None:
    with store.server.connect(store.name) as connection:
        sabotage(connection, kind)


@when("it is worked with", target_fixture="findings")
def worked_with(store: DatabaseStore, usage: Usage) -> list[Finding]:
    return usability.lost(usage, usability.noted(store))


@when(
    parsers.parse("it is lost and recovered from the backup {times:d} times, its first queries timed each time"),
    target_fixture="firsts",
)
def first_queries_timed(store: DatabaseStore, runbook: Runbook, backup: Backup, times: int) -> list[timedelta]:
    return [_first_after_recovery(store, runbook, backup) for _ in range(times)]


def _first_after_recovery(store: DatabaseStore, runbook: Runbook, backup: Backup) -> timedelta:
    lose_and_recover(store, backup, backup_id=backup.id, runbook=runbook)
    return usability.first(store)


@when("its usual queries are timed again", target_fixture="latency_now")
def timed_again(store: DatabaseStore, firsts: list[timedelta]) -> Latency:
    return Latency(min(firsts), usability.usual(store))


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
    ratio = latency_now.usual / latency.usual
    journal.measure(criterion, ratio)

    assert policy.criterion(criterion).objective.met_by(ratio), f"{latency} before, {latency_now} now"


@then(parsers.parse("the first ones took no more than {factor:d} times as long as after those restarts"))
def first_queries_are_no_slower(latency: Latency, latency_now: Latency, factor: int) -> None:
    assert latency_now.first <= factor * latency.first, f"{latency} before, {latency_now} now"
