"""Steps about disasters of the whole estate, and about the plan by which they are handled."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from pytest_bdd import given, parsers, then, when

from drill.backups import offsite
from drill.commands.runbook import Runbook
from drill.disasters import estate as estates
from drill.disasters.adherence import adherence, unpassed
from drill.disasters.estate import CACHE, DATABASE, MACHINE, Estate
from drill.disasters.plan import Disaster, Handling, handle
from drill.disasters.timeline import Milestone
from drill.evidence.journal import Journal
from drill.notifications import Messenger
from drill.notifications.receivers import NOBODY, Mailbox, Received, Webhook
from drill.policy import Policy
from drill.policy.notification import Audience
from drill.recoveries.comparison import compared
from drill.sites import Site
from drill.stores import Store

LOSSES = {
    "the database is lost": ["postgres"],
    "the cache is lost": ["redis"],
    "the host is lost": ["files", "git"],
    "all of it is lost": ["postgres", "redis", "files", "git", "machine"],
}
"""What happens, and the engines of the systems that are lost by it."""
WORKED = range(100)


@given("the whole estate has been backed up", target_fixture="estate")
def backed_up(policy: Policy, stores: Mapping[str, Store], runbook: Runbook) -> Estate:
    return estates.back_up(policy, stores, runbook=runbook)


@given("the core of the estate has been backed up", target_fixture="estate")
def core_backed_up(policy: Policy, core_stores: Mapping[str, Store], runbook: Runbook) -> Estate:
    return estates.back_up(policy, core_stores, runbook=runbook)


@given("its database has been written to since", target_fixture="estate")
def written_to(estate: Estate) -> Estate:
    return estates.work(estate, DATABASE, WORKED)


@given("every backup has been copied to the other site")
def copied_to_site(estate: Estate, site: Site, runbook: Runbook) -> None:
    estates.copy(estate, site=site, runbook=runbook)


@given(
    "every backup, and the log of what was written since, has been copied to the other site", target_fixture="estate"
)
def copied_with_log(estate: Estate, site: Site, runbook: Runbook) -> Estate:
    worked = estates.work(estate, DATABASE, WORKED)
    estates.copy(worked, site=site, runbook=runbook)
    return worked


@given("the newest copy at the other site was altered by one bit")
def altered_at_site(site: Site) -> None:
    offsite.alter(site)


@given("nobody answers where the team is told")
def nobody_answers(channels: dict[str, str], policy: Policy) -> None:
    channels |= {each.channel: NOBODY for each in policy.notifications if each.audience == "team"}


@given("every backup of the cache has been lost, too")
def backups_of_cache_lost(estate: Estate, runbook: Runbook) -> None:
    estates.lose_backups(estate, CACHE, runbook=runbook)


@when(parsers.parse("disaster strikes and the plan is carried out: {loss}"), target_fixture="handling")
def lost_and_handled(estate: Estate, policy: Policy, runbook: Runbook, messenger: Messenger, loss: str) -> Handling:
    hit = [name for name in estate if policy.procedures[name].engine in LOSSES[loss]]
    disaster = Disaster.strike(loss, estate, hit)
    return handle(disaster, estate, runbook=runbook, messenger=messenger)


@when("the whole site is lost with its backups and the plan is carried out", target_fixture="handling")
def site_lost(estate: Estate, runbook: Runbook, messenger: Messenger, site: Site) -> Handling:
    disaster = Disaster.strike("the site is lost", estate, estate)
    estates.lose_backups(estate, *estate, runbook=runbook)
    return handle(disaster, estate, runbook=runbook, messenger=messenger, site=site)


@then("every byte came from the other site, and its transfer is a part of each recovery time")
def fetched(handling: Handling, estate: Estate) -> None:
    away = {name: impact.is_away for name, impact in handling.impacts.items()}
    transfers = {name: recovery.phases["fetch"] for name, recovery in handling.recoveries.items()}

    assert dict.fromkeys(handling.disaster.hit, True) == away
    assert set(handling.disaster.hit) == set(transfers)
    assert {} == {n: took for n, took in transfers.items() if not timedelta(0) < took < handling.recoveries[n].took}
    assert [] == unpassed(handling, estate)


@then("the system of the altered copy is not taken for recovered")
def altered_is_not_recovered(handling: Handling, site: Site) -> None:
    refused = {n: recovery.outcome.reason for n, recovery in handling.recoveries.items() if not recovery.has_answered}

    assert ["checksum-mismatch"] == list(refused.values())
    assert set(refused).isdisjoint(handling.recovered)


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


@then(parsers.parse("the machine's recovery time meets {criterion}"))
def machine_meets(handling: Handling, criterion: str, policy: Policy, journal: Journal) -> None:
    took = handling.recoveries[MACHINE].took
    journal.measure(criterion, took)

    assert policy.criterion(criterion).objective.met_by(took)


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


@then("every other system answers as before and the cache was left alone")
def cache_was_left_alone(handling: Handling) -> None:
    assert {*handling.disaster.hit} - {CACHE} == {*handling.recovered}
    assert handling.impacts[CACHE].restore_point is None
    assert CACHE not in handling.timeline.systems_past(Milestone.PROVISIONED)


@then("the users are told what is not back")
def users_are_told_what_is_missing(handling: Handling, users: Mailbox) -> None:
    assert f"The counting service: Not recovered: {CACHE}" == users.received[-1].subject
