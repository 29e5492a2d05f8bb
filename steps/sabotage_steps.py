"""Steps about breaking backups on purpose, to see whether that is noticed."""

from collections.abc import Sequence

from pytest_bdd import given, parsers, then, when

from drill.damage.faults import Fault
from drill.damage.health import Health, examined
from drill.damage.score import Outcome, Score
from drill.damage.sealed import SealedFault
from drill.damage.stage import tried
from drill.damage.trial import chosen
from drill.damage.victims import MACHINE
from drill.evidence.journal import Journal
from drill.machines.template import check_available
from drill.plugins.session import Settings
from drill.policy import Policy
from drill.runtimes import Runtime
from drill.servers.postgres import PostgresClusters


@given("the faults that every drill tries", target_fixture="faults")
def quick_faults() -> Sequence[Fault | SealedFault]:
    return chosen([], quick=True)


@given("the whole catalogue of faults", target_fixture="faults")
def all_faults() -> Sequence[Fault | SealedFault]:
    return [fault for fault in chosen([], quick=False) if fault.kind != MACHINE]


@given("every fault of a whole machine", target_fixture="faults")
def machine_faults() -> Sequence[Fault | SealedFault]:
    check_available()
    return chosen([MACHINE], quick=False)


@given("a fault that leaves no trace", target_fixture="faults")
def traceless_fault() -> Sequence[Fault]:
    return [Fault("TRACELESS", "snapshot", "nothing happens", lambda _: None, frozenset({"CONTENT-DIFFERS"}))]


@when("each of them befalls a backup", target_fixture="score")
def befalls(
    faults: Sequence[Fault | SealedFault],
    policy: Policy,
    runtime: Runtime,
    clusters: PostgresClusters,
    settings: Settings,
) -> Score:
    return tried(policy, runtime, clusters, faults=faults, seed=settings.seed)


@when("each of them befalls a backup, and usual checks look at it, too", target_fixture="score")
def befalls_in_sight(
    faults: Sequence[Fault | SealedFault],
    policy: Policy,
    runtime: Runtime,
    clusters: PostgresClusters,
    settings: Settings,
) -> Score:
    return tried(policy, runtime, clusters, faults=faults, seed=settings.seed, comparing=True)


@given(parsers.parse("{number:d} estates, each of another seed and scale"), target_fixture="estates")
def estates_of_other_content(number: int) -> int:
    return number


@when("all that is backed up of them is verified", target_fixture="health")
def verified_whole(estates: int, policy: Policy, runtime: Runtime, settings: Settings) -> Health:
    # Other estates every night: what is wrong with one content in a hundred shows in time.
    return examined(policy, runtime, number=estates, seed=settings.chance)


@then(parsers.parse("nothing is found in any of it, as {criterion} demands"))
def none_accused_of_any(health: Health, estates: int, criterion: str, policy: Policy, journal: Journal) -> None:
    accused = [f"seed {estate.seed}, {name}" for estate in health.estates for name in estate.accused]
    journal.measure(criterion, len(accused))

    assert [] == accused
    assert estates == len({estate.seed for estate in health.estates if estate.attempts})
    assert policy.criterion(criterion).objective.met_by(len(accused))


@then(parsers.parse("all of them are noticed, as {criterion} demands"))
def all_noticed(score: Score, criterion: str, policy: Policy, journal: Journal) -> None:
    unnoticed = score.of(Outcome.MISSED, Outcome.NOT_TRIED)
    journal.measure(criterion, len(unnoticed))
    journal.event(**score.event())

    assert [] == unnoticed
    assert policy.criterion(criterion).objective.met_by(len(unnoticed))


@then("no healthy backup is accused")
def none_accused(score: Score) -> None:
    assert [] == score.of(Outcome.FALSE_ALARM)
    assert score.of(Outcome.CLEAN)


@then("it is on record what usual checks would have missed")
def usual_checks_on_record(score: Score, faults: Sequence[Fault | SealedFault], journal: Journal) -> None:
    assert {fault.id for fault in faults if isinstance(fault, Fault)} == {each.id for each in score.compared}
    assert [check.name for check in score.usual_checks] == [*journal.events[-1]["usual_checks"]]


@then("it counts as missed")
def counts_as_missed(score: Score) -> None:
    assert ["TRACELESS"] == score.of(Outcome.MISSED)
