"""Steps about sizes that no drill has: what the measured ones say of production's."""

from pytest_bdd import given, parsers, then, when

from drill.commands.runbook import Runbook
from drill.evidence.journal import Journal
from drill.evidence.verdict import Verdict
from drill.policy import Policy
from drill.projection.line import Measured
from drill.projection.projection import Projection, project
from drill.projection.trial import Trial, backup_times, projected, recovered_at, recovery_times, sizes
from drill.stores import GrowingStore

MB = 1_000_000
MEASURED = {
    "the largest took far longer than the others do say": [(50, 5), (100, 10), (200, 20), (400, 400)],
    "only three sizes differ": [(50, 5), (100, 10), (200, 20), (200, 21)],
    "no size differs": [(100, 10), (100, 11), (100, 10), (100, 11)],
}
"""Megabytes, and the seconds that they took."""


@given(parsers.parse("measurements of which {measured}"), target_fixture="times")
def measurements(measured: str) -> Measured:
    return Measured.of((size * MB, seconds, {}) for size, seconds in MEASURED[measured])


@when("they are projected to production's size", target_fixture="projection")
def are_projected(times: Measured, policy: Policy) -> Projection:
    return project(times, size=policy.production["postgres-physical"])


@when("it is backed up, lost and recovered at ever larger sizes", target_fixture="trials")
def recovered_at_sizes(store: GrowingStore, runbook: Runbook) -> list[Trial]:
    return recovered_at(sizes(store), store, runbook=runbook)


@then("each recovery brought all of it back")
def brought_back(trials: list[Trial]) -> None:
    assert [] == [each for each in trials if each.differences or not each.recovery.has_answered]
    assert trials


@then(parsers.parse("at production's size its recovery meets {criterion}"))
def recovery_meets(store: GrowingStore, trials: list[Trial], criterion: str, policy: Policy, journal: Journal) -> None:
    promise, times = policy.criterion(criterion), recovery_times(trials)
    told = projected(times, procedure=store.procedure, criterion=promise, policy=policy, journal=journal)

    assert told.verdict(promise.objective) is Verdict.PROVEN, str(told)


@then(parsers.parse("at production's size its backup meets {criterion}"))
def backup_meets(store: GrowingStore, trials: list[Trial], criterion: str, policy: Policy, journal: Journal) -> None:
    promise, times = policy.criterion(criterion), backup_times(trials)
    told = projected(times, procedure=store.procedure, criterion=promise, policy=policy, journal=journal)

    assert told.verdict(promise.objective) is Verdict.PROVEN, str(told)


@then(parsers.parse("nothing is said but to measure next at about {size}"))
def says_nothing(projection: Projection, size: str) -> None:
    assert (None, None) == (projection.bound, projection.expected)
    assert size in projection.problem
