"""The catalogue of defects: every edit fits the scripts, every scenario is there, and the score hides nothing."""

import py_compile
import shutil
import subprocess
from pathlib import Path

import pytest
from pytest_bdd.feature import get_feature
from pytest_bdd.scenario import make_python_name

from drill.damage.defects import DEFECTS, UNNOTICED, Edit
from drill.damage.defects.score import Attempt, DefectScore, Ending
from drill.damage.defects.trial import SCRIPTS, chosen, try_all
from drill.errors import DrillError
from drill.evidence.record import DefectsRecord
from drill.evidence.verdict import Verdict
from tests.procedures import SHIPPED

ROOT = SHIPPED.directory


@pytest.fixture
def scripts(tmp_path):
    return shutil.copytree(ROOT / SCRIPTS, tmp_path / SCRIPTS, ignore=shutil.ignore_patterns("__pycache__"))


def contents(scripts):
    return {path.name: path.read_text("utf-8") for path in scripts.iterdir()}


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.id)
def test_every_defect_fits_the_scripts_as_they_are_and_leaves_programs(defect, scripts):
    before = contents(scripts)
    defect.put_into(scripts)
    after = contents(scripts)
    changed = {name for name in before if before[name] != after[name]}

    assert {edit.file for edit in defect.edits} == changed
    for name in changed:
        if name.endswith(".py"):
            py_compile.compile(str(scripts / name), doraise=True)
        else:
            subprocess.run(["sh", "-n", scripts / name], check=True)


@pytest.mark.parametrize("old", ["nothing like it", "import"])
def test_an_edit_that_fits_nowhere_or_twice_is_refused(scripts, old):
    with pytest.raises(DrillError, match="not once"):
        Edit("rdb.py", old, "").apply(scripts)


def test_an_edit_of_a_file_that_is_not_there_is_refused(scripts):
    with pytest.raises(DrillError, match="has 0 times, not once"):
        Edit("no_such_script.py", "a", "b").apply(scripts)


def test_every_defect_has_a_scenario_that_pytest_finds_by_that_name():
    for defect in DEFECTS:
        file = Path(f"features/{defect.scenario.feature}.feature")
        written = get_feature(str(ROOT / file.parent), file.name).scenarios

        assert defect.scenario.name in written, defect.id
        assert f"{file}::test_{make_python_name(defect.scenario.name)}" == defect.scenario.node


def test_the_catalogue_is_large_names_each_defect_once_and_most_scripts():
    ids = [each.id for each in (*DEFECTS, *UNNOTICED)]

    assert len(ids) == len(set(ids))
    assert len(DEFECTS) >= 25
    assert len({edit.file for defect in DEFECTS for edit in defect.edits}) >= 20


def test_an_unknown_defect_is_refused():
    assert list(DEFECTS) == chosen([])
    with pytest.raises(DrillError, match="no defect 'NO-SUCH-DEFECT'"):
        chosen(["NO-SUCH-DEFECT"])


def score(*endings, accused=None):
    attempts = tuple(Attempt(f"D{n}", "", "x::y", ending, "said", 1.0) for n, ending in enumerate(endings))
    return DefectScore(attempts, sound=1, accused=accused or {}, unnoticed=UNNOTICED, seconds=2.0)


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (score(Ending.NOTICED), Verdict.PROVEN),
        (score(Ending.NOTICED, Ending.SURVIVED), Verdict.DISPROVEN),
        (score(Ending.NOTICED, Ending.NOT_TRIED), Verdict.UNPROVEN),
        (score(Ending.SURVIVED, Ending.NOT_TRIED), Verdict.DISPROVEN),
        (score(Ending.NOTICED, accused={"x::y": "wrong"}), Verdict.DISPROVEN),
        (score(), Verdict.UNPROVEN),
    ],
)
def test_it_is_proven_only_if_every_defect_was_noticed_and_sound_scripts_were_not_accused(found, verdict):
    assert verdict == found.verdict
    assert found.summary.startswith(str(verdict))


def test_the_run_record_keeps_it():
    found = score(Ending.NOTICED, Ending.SURVIVED, Ending.NOT_TRIED, accused={"x::y": "wrong"})

    assert DefectsRecord(
        defects=3,
        noticed=1,
        survived=("D1",),
        not_tried=("D2",),
        false_alarms=1,
        unnoticed=tuple(each.id for each in UNNOTICED),
        seconds=2.0,
    ) == DefectsRecord.of_event(found.event())


def test_without_scripts_beside_the_policy_nothing_is_tried(tmp_path):
    shutil.copy2(SHIPPED.file, tmp_path)
    policy = SHIPPED.model_copy()
    policy.model_post_init({"file": tmp_path / SHIPPED.file.name})

    with pytest.raises(DrillError, match="there is no backup_scripts beside"):
        try_all(DEFECTS, policy, runtime="embedded")
