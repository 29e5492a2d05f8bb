"""Steps about several ways of keeping the same data, and what each of them loses in one disaster."""

from collections.abc import Mapping
from datetime import timedelta

from pytest_bdd import given, parsers, then, when

from drill.backups.backup import Backup
from drill.commands.runbook import Runbook
from drill.evidence.journal import Journal
from drill.losses.aged import Aged, archived_after, lose_unannounced
from drill.losses.ledger import Writer
from drill.losses.outage import interrupted
from drill.losses.ways import ARCHIVED, DUMPED, STREAMED, WayLoss, Ways, missed
from drill.plugins.session import Settings
from drill.policy import Policy
from drill.recoveries.comparison import written
from drill.stores import ClusterStore, Store


@given("the camera-counting server kept in three ways", target_fixture="store")
def kept_in_three_ways(three_ways: Ways) -> Store:
    return three_ways.stores[ARCHIVED]


@given("it has been backed up in each way while it is written to")
def backed_up_in_each_way(three_ways: Ways, runbook: Runbook, writer: Writer) -> None:
    three_ways.back_up(runbook=runbook, writer=writer)


@given(parsers.parse("the log is archived after {seconds:d} s at the latest"), target_fixture="policy")
def archived_at_the_latest(policy: Policy, seconds: int) -> Policy:
    return archived_after(policy, timedelta(seconds=seconds))


@given("the receiver was killed, the server went on without it, and it was started again", target_fixture="caught_up")
def receiver_was_away(store: ClusterStore, writer: Writer) -> int:
    return interrupted(store, writer)


@when("its age alone has its log archived, and it is lost at a random moment and recovered", target_fixture="aged")
def lost_at_random_moment(
    store: ClusterStore, backup: Backup, writer: Writer, runbook: Runbook, settings: Settings
) -> Aged:
    return lose_unannounced(store, backup, writer=writer, runbook=runbook, seed=settings.chance)


@when("it is lost under load at a random moment and recovered in each way", target_fixture="losses")
def recovered_in_each_way(
    three_ways: Ways, runbook: Runbook, writer: Writer, policy: Policy, settings: Settings
) -> Mapping[str, WayLoss]:
    return three_ways.lose_and_recover(runbook=runbook, writer=writer, policy=policy, seed=settings.chance)


@then("every way has what it had for sure, and none lost a write before one that it kept")
def every_way_is_whole(losses: Mapping[str, WayLoss]) -> None:
    assert {DUMPED: True, ARCHIVED: True, STREAMED: True} == {way: found.is_whole for way, found in losses.items()}


@then(parsers.parse("at worst the daily dump alone misses {criterion}, which the archived and the streamed log meet"))
def dump_alone_misses(losses: Mapping[str, WayLoss], criterion: str, policy: Policy, journal: Journal) -> None:
    for way in (ARCHIVED, STREAMED):
        journal.measure(criterion, losses[way].loss.window, projected=losses[way].worst.window)

    assert [str(losses[DUMPED].worst)] == missed(losses, policy.criterion(criterion).objective, ways=losses)


@then(parsers.parse("at least {number:d} commits a second were acknowledged"))
def rate_was_at_least(writer: Writer, number: int) -> None:
    assert writer.ledger.rate >= number


@then("every write that was archived is there, and none is missing before one that is there")
def archived_writes_are_there(aged: Aged) -> None:
    assert aged.loss.spares(aged.secured)
    assert ((), ()) == (aged.loss.holes, aged.loss.invented)


@then(parsers.parse("no more is lost than that time and the archive's delay explain, which meets {criterion}"))
def age_explains_loss(aged: Aged, criterion: str, policy: Policy, journal: Journal) -> None:
    journal.measure(criterion, aged.loss.window)

    assert aged.loss.window <= aged.explained
    assert policy.criterion(criterion).objective.met_by(aged.loss.window)


@then("every write acknowledged before the receiver had caught up is there")
def writes_before_catching_up_are_there(store: Store, caught_up: int) -> None:
    assert set() == set(range(caught_up)) - written(store)
