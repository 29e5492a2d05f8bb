"""Steps about disasters of the whole estate, and about the plan by which they are handled."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from pytest_bdd import given, parsers, then, when

from drill.commands.runbook import Runbook
from drill.disasters import estate as estates
from drill.disasters.adherence import adherence
from drill.disasters.estate import CACHE, DATABASE, Estate
from drill.disasters.plan import Disaster, Handling, handle
from drill.evidence.journal import Journal
from drill.notifications import Messenger
from drill.notifications.receivers import NOBODY, Mailbox, Received, Webhook
from drill.policy import Policy
from drill.policy.notification import Audience
from drill.recoveries.comparison import compared
from drill.stores import Store

LOSSES = {"the database is lost": (DATABASE,), "the cache is lost": (CACHE,), "all of it is lost": (DATABASE, CACHE)}
WORKED = range(100)


@given("the whole estate has been backed up", target_fixture="estate")
def backed_up(policy: Policy, stores: Mapping[str, Store], runbook: Runbook) -> Estate:
    return estates.back_up(policy, stores, runbook=runbook)


@given("its database has been written to since", target_fixture="estate")
def written_to(estate: Estate) -> Estate:
    return estates.work(estate, DATABASE, WORKED)


@given("nobody answers where the team is told")
def nobody_answers(channels: dict[str, str], policy: Policy) -> None:
    channels |= {each.channel: NOBODY for each in policy.notifications if each.audience == "team"}


@given("every backup of the cache has been lost, too")
def backups_of_cache_lost(estate: Estate, runbook: Runbook) -> None:
    estates.lose_backups(estate, CACHE, runbook=runbook)


@when(parsers.parse("disaster strikes and the plan is carried out: {loss}"), target_fixture="handling")
def lost_and_handled(estate: Estate, runbook: Runbook, messenger: Messenger, loss: str) -> Handling:
    disaster = Disaster.strike(loss, estate, LOSSES[loss])
    return handle(disaster, estate, runbook=runbook, messenger=messenger)


@then("every system holds what it has to hold")
def holds_what_it_has_to(estate: Estate, handling: Handling) -> None:
    assert {name: [] for name in estate} == {
        name: compared(system.store, system.good) for name, system in estate.items()
    }


@then("the plan was followed:")
def plan_was_followed(
    estate: Estate,
    handling: Handling,
    policy: Policy,
    journal: Journal,
    team: Webhook,
    users: Mailbox,
    datatable: list[list[str]],
) -> None:
    received: dict[Audience, Sequence[Received]] = {"team": team.received, "users": users.received}
    judged = adherence(handling, estate, policy=policy, received=received)
    wanted = {step: policy.criterion(criterion) for step, criterion in datatable[1:]}
    for step, criterion in wanted.items():
        journal.measure(criterion.id, judged[step].share)

    assert {} == {step: found.missed for step, found in judged.items() if found.missed}
    assert set() == {each.id for step, each in wanted.items() if not each.objective.met_by(judged[step].share)}


@then("each recovery took no longer than its tier allows")
def within_its_tier(estate: Estate, handling: Handling, policy: Policy) -> None:
    took = {name: recovery.took for name, recovery in handling.recoveries.items()}

    assert {} == {name: each for name, each in took.items() if each >= policy.tiers[estate[name].tier].rto}
    assert min(took.values()) > timedelta(0)


@then(parsers.parse("these steps of the plan are found not to be taken: {steps}"))
def steps_not_taken(
    estate: Estate, handling: Handling, policy: Policy, team: Webhook, users: Mailbox, steps: str
) -> None:
    received: dict[Audience, Sequence[Received]] = {"team": team.received, "users": users.received}
    judged = adherence(handling, estate, policy=policy, received=received)

    assert steps.split(", ") == [step for step, found in judged.items() if found.missed]


@then("every system answers as before")
def answers_as_before(handling: Handling) -> None:
    assert set(handling.disaster.hit) == set(handling.recovered)


@then("it is on record that the team was not told")
def team_was_not_told(handling: Handling) -> None:
    assert {"team"} == {each.audience for each in handling.deliveries if not each.delivered}
    assert [] == [each for each in handling.deliveries if not each.delivered and not each.reason]


@then("the database answers as before and the cache was left alone")
def cache_was_left_alone(handling: Handling) -> None:
    assert (DATABASE,) == handling.recovered
    assert handling.impacts[CACHE].restore_point is None


@then("the users are told what is not back")
def users_are_told_what_is_missing(handling: Handling, users: Mailbox) -> None:
    assert f"The counting service: Not recovered: {CACHE}" == users.received[-1].subject
