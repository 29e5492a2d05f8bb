"""Steps about putting defects into backup scripts, to see whether a scenario turns red."""

from collections.abc import Sequence

from pytest_bdd import given, parsers, then, when

from drill.damage.defects import DEFECTS, Defect, Edit
from drill.damage.defects.score import DefectScore, Ending
from drill.damage.defects.trial import tried
from drill.evidence.journal import Journal
from drill.policy import Policy
from drill.runtimes import Runtime


@given("the whole catalogue of defects", target_fixture="defects")
def all_defects() -> Sequence[Defect]:
    return DEFECTS


@given("a defect that changes nothing", target_fixture="defects")
def idle_defect() -> Sequence[Defect]:
    edit = Edit("rdb.py", "CHECKSUM_BYTES = 8", "CHECKSUM_BYTES = 7 + 1")
    return [Defect("IDLE", "nothing is wrong", DEFECTS[0].scenario, (edit,))]


@when("each of them is put into the scripts", target_fixture="score")
def put_into_the_scripts(defects: Sequence[Defect], policy: Policy, runtime: Runtime) -> DefectScore:
    return tried(defects, policy, runtime=runtime)


@then(parsers.parse("each of them turns its scenario red, as {criterion} demands"))
def each_turns_red(score: DefectScore, criterion: str, policy: Policy, journal: Journal) -> None:
    left = [*score.of(Ending.SURVIVED), *score.of(Ending.NOT_TRIED)]
    journal.measure(criterion, len(left))
    journal.event(**score.event())

    assert [] == left
    assert policy.criterion(criterion).objective.met_by(len(left))


@then("no sound script is accused")
def no_sound_script_accused(score: DefectScore) -> None:
    assert {} == score.accused
    assert score.sound > 0


@then("it counts as a survivor")
def counts_as_survivor(score: DefectScore) -> None:
    assert ["IDLE"] == score.of(Ending.SURVIVED)
