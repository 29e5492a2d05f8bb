"""Tiers: their time is that of the longest way through the order of recovery, and none that has a gap is proven."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drill.evidence.verdict import Verdict
from drill.policy.recovery import RecoveryStep, ordered
from drill.projection.line import Measured
from drill.projection.measurements import Series
from drill.projection.projection import project
from drill.projection.tiers import longest, needed, recoveries, tiers
from tests.procedures import SHIPPED

MB, GB = 10**6, 10**9


@st.composite
def orders(draw):
    """Steps of which each may wait for any before it, in any order of the file; and how long some of them take."""
    names = [f"step-{number}" for number in range(draw(st.integers(1, 7)))]
    steps = [
        RecoveryStep(
            procedure=name, after=tuple(draw(st.sets(st.sampled_from(names[:place])))) if place else (), tier="t"
        )
        for place, name in enumerate(names)
    ]
    took = {name: timedelta(seconds=draw(st.integers(0, 1000))) for name in draw(st.sets(st.sampled_from(names)))}
    return ordered(draw(st.permutations(steps))), took


def ways_to(steps, last):
    """Every way to a step, from one that waits for nothing: found by walking all of them."""
    after = {step.procedure: step.after for step in steps}
    if not after[last]:
        return [(last,)]
    return [(*way, last) for before in after[last] for way in ways_to(steps, before)]


@settings(database=None, deadline=None)
@given(orders())
def test_the_longest_way_is_the_longest_of_all_ways(drawn):
    steps, took = drawn
    found = longest(steps, took)

    for step in steps:
        ways = [
            sum((took.get(name, timedelta(0)) for name in way), timedelta(0)) for way in ways_to(steps, step.procedure)
        ]
        assert max(ways) == found[step.procedure].took
        assert found[step.procedure].took == sum((took[name] for name in found[step.procedure].steps), timedelta(0))


@settings(database=None, deadline=None)
@given(orders(), st.data())
def test_what_is_needed_is_all_that_is_on_any_way(drawn, data):
    steps, _ = drawn
    wanted = data.draw(st.sets(st.sampled_from([step.procedure for step in steps]), min_size=1))

    assert {name for last in wanted for way in ways_to(steps, last) for name in way} == set(needed(steps, wanted))


def policy(*steps, rto="1 h"):
    """Two tiers, of which the first has an hour and the other two."""
    limits = {"first": timedelta(hours=1), "second": timedelta(hours=2)}
    return SimpleNamespace(
        tiers={name: SimpleNamespace(rto=limit) for name, limit in limits.items()},
        recovery=tuple(RecoveryStep(procedure=name, after=after, tier=tier) for name, after, tier in steps),
    )


def minutes(number):
    """A projection of that many minutes, without any doubt."""
    return project(Measured.of((size * GB, size * 60 * number / 8, {}) for size in (1, 2, 4, 8)), size=8 * GB)


TWO = [("machine", (), "first"), ("database", ("machine",), "first"), ("logs", ("machine",), "second")]


@pytest.mark.parametrize(
    ("times", "verdicts"),
    [
        ({"machine": 20, "database": 30, "logs": 90}, (Verdict.PROVEN, Verdict.PROVEN)),
        ({"machine": 20, "database": 50, "logs": 90}, (Verdict.DISPROVEN, Verdict.PROVEN)),
        ({"machine": 20, "database": 30, "logs": 110}, (Verdict.PROVEN, Verdict.DISPROVEN)),
        ({"machine": 20, "logs": 90}, (Verdict.UNPROVEN, Verdict.PROVEN)),
        ({"database": 30, "logs": 90}, (Verdict.UNPROVEN, Verdict.UNPROVEN)),
        ({"database": 90}, (Verdict.DISPROVEN, Verdict.UNPROVEN)),
        ({}, (Verdict.UNPROVEN, Verdict.UNPROVEN)),
    ],
)
def test_a_tier_keeps_its_time_only_with_all_that_it_waits_for(times, verdicts):
    found = tiers(policy(*TWO), {name: minutes(number) for name, number in times.items()})

    assert verdicts == tuple(each.verdict for each in found)


def test_the_steps_that_are_not_known_are_named_and_the_others_counted():
    first, _ = tiers(policy(*TWO), {"database": minutes(30)})

    assert ("machine",) == first.unknown
    assert "not known, because nothing can be said of machine; without them at most 30 min by database" in str(first)


def test_a_step_at_a_time_takes_as_long_as_all_together():
    _, second = tiers(
        policy(*TWO, ("more", ("machine",), "second")), dict.fromkeys(("machine", "logs", "more"), minutes(10))
    )

    assert (timedelta(minutes=20), timedelta(minutes=30)) == (second.bound.took, second.in_turn)


def series(procedure, *, servers="docker", criterion="RTO-DB"):
    return Series(criterion, procedure, servers, "[]")


def test_what_was_measured_on_different_runtimes_is_not_added_up():
    found = {series("redis", servers="docker, Redis 8"): minutes(1), series("logs", servers="embedded"): minutes(2)}

    assert [["redis"], ["logs"]] == [list(each) for each in recoveries(SHIPPED, found).values()]


def test_the_time_of_a_backup_is_on_no_way_back():
    assert {} == recoveries(SHIPPED, {series("redis", criterion="DUR-CACHE"): minutes(1)})


@pytest.mark.parametrize("other", [minutes(9), project(Measured.of([(GB, 1.0, {})]), size=8 * GB)])
def test_of_several_servers_the_least_favourable_counts(other):
    found = {series("redis", servers="docker, Redis 8"): minutes(5), series("redis", servers="docker, Valkey 9"): other}

    assert [{"redis": other}] == list(recoveries(SHIPPED, found).values())
