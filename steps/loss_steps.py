"""Steps about several ways of keeping the same data, and what each of them loses in one disaster."""

from collections.abc import Mapping

from pytest_bdd import given, parsers, then, when

from drill.commands.runbook import Runbook
from drill.evidence.journal import Journal
from drill.losses.ledger import Writer
from drill.losses.ways import ARCHIVED, DUMPED, STREAMED, WayLoss, Ways, missed
from drill.policy import Policy
from drill.stores import Store


@given("the camera-counting server kept in three ways", target_fixture="store")
def kept_in_three_ways(three_ways: Ways) -> Store:
    return three_ways.stores[ARCHIVED]


@given("it has been backed up in each way while it is written to")
def backed_up_in_each_way(three_ways: Ways, runbook: Runbook, writer: Writer) -> None:
    three_ways.back_up(runbook=runbook, writer=writer)


@when("it is lost under load and recovered in each way", target_fixture="losses")
def recovered_in_each_way(three_ways: Ways, runbook: Runbook, writer: Writer, policy: Policy) -> Mapping[str, WayLoss]:
    writer.wait_for(500)
    return three_ways.lose_and_recover(runbook=runbook, writer=writer, policy=policy)


@then("every way has what it had for sure, and none lost a write before one that it kept")
def every_way_is_whole(losses: Mapping[str, WayLoss]) -> None:
    assert {DUMPED: True, ARCHIVED: True, STREAMED: True} == {way: found.is_whole for way, found in losses.items()}


@then(parsers.parse("at worst the daily dump alone misses {criterion}"))
def dump_misses(losses: Mapping[str, WayLoss], criterion: str, policy: Policy) -> None:
    assert [str(losses[DUMPED].worst)] == missed(losses, policy.criterion(criterion).objective, ways=(DUMPED,))


@then(parsers.parse("at worst the archived and the streamed log meet {criterion}"))
def kept_log_meets(losses: Mapping[str, WayLoss], criterion: str, policy: Policy, journal: Journal) -> None:
    for way in (ARCHIVED, STREAMED):
        journal.measure(criterion, losses[way].loss.window, projected=losses[way].worst.window)

    assert [] == missed(losses, policy.criterion(criterion).objective, ways=(ARCHIVED, STREAMED))
