"""A run: how it judges criteria and itself, and what it writes where."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from drill.errors import DrillError
from drill.evidence.redaction import conceal
from drill.evidence.run import UNWRITTEN
from drill.evidence.verdict import Verdict
from tests.evidence.examples import begun, measured, report
from tests.procedures import with_gap


def finished(run, *reports, expected=None, totals=None, status=0):
    run.expect(expected if expected is not None else {one.record.node: one.record.criteria for one in reports})
    for one in reports:
        run.take(one)
    return run.finish(status=status, totals=totals or {})


def verdicts(record):
    return {criterion.id: criterion.verdict for criterion in record.criteria}


def test_a_run_whose_scenarios_are_proven_is_proven(run):
    record = finished(run, report("a", "INT-DB"), report("b", "RTO-DB"))

    assert {"INT-DB": "proven", "RTO-DB": "proven"} == verdicts(record)
    assert ("proven", 0) == (record.verdict, record.exit_status)


def test_a_selected_scenario_that_never_ended_leaves_its_criteria_and_the_run_unproven(run):
    expected = {"features/a.feature::test_a": ("INT-DB",), "features/a.feature::test_b": ("INT-DB", "RPO-DB")}
    record = finished(run, report("a", "INT-DB"), expected=expected)

    assert ("features/a.feature::test_b",) == record.unreported
    assert {"INT-DB": "unproven", "RPO-DB": "unproven"} == verdicts(record)
    assert ("unproven", 3) == (record.verdict, record.exit_status)


def test_a_scenario_that_serves_no_criterion_counts_for_the_run_all_the_same(run):
    record = finished(run, report("a"), expected={"features/a.feature::test_a": (), "features/a.feature::test_b": ()})

    assert ("unproven", 3) == (record.verdict, record.exit_status)


def test_a_worker_that_takes_over_does_not_make_reported_scenarios_unreported(run):
    a = report("a", "INT-DB")
    run.expect({a.record.node: a.record.criteria})
    run.take(a)
    record = finished(run, expected={a.record.node: a.record.criteria})

    assert () == record.unreported
    assert Verdict.PROVEN == record.verdict


def test_a_value_that_misses_the_objective_disproves_although_no_step_says_so(run):
    record = finished(run, report("a", "RTO-DB", measurements=measured("RTO-DB", timedelta(hours=5))))

    assert {"RTO-DB": "disproven"} == verdicts(record)
    assert ("disproven", 1) == (record.verdict, record.exit_status)


def test_the_record_tells_how_many_of_a_criterion_s_scenarios_ran(run):
    record = finished(run, report("a", "INT-DB"), totals={"INT-DB": 3})

    assert [(1, 3)] == [(criterion.selected, criterion.scenarios) for criterion in record.criteria]


def test_criteria_with_a_gap_or_without_a_scenario_are_open(run):
    run.policy = with_gap(run.policy, "SCH-AUDIT")
    record = finished(run, report("a", "INT-DB"), totals={"INT-DB": 1, "RPO-DB": 2})

    assert "not drilled yet" == record.open_criteria["SCH-AUDIT"]
    assert UNWRITTEN == record.open_criteria["RTO-DB"]
    assert set() == {"INT-DB", "RPO-DB"} & record.open_criteria.keys()


@pytest.mark.parametrize("status", [2, 4, 5])
def test_an_end_that_pytest_brought_about_is_kept(run, status):
    assert status == finished(run, report("a", "INT-DB"), status=status).exit_status


def test_events_are_on_disk_when_their_scenario_has_ended(run):
    run.expect({"features/a.feature::test_a": (), "features/a.feature::test_b": ()})
    run.take(report("a", events=[{"kind": "backup", "at": "2026-01-01T00:00:00+00:00"}]))

    lines = (run.directory / "events.jsonl").read_text("utf-8").splitlines()
    assert ["backup", "testing"] == [json.loads(line)["kind"] for line in lines]


def test_the_newest_run_takes_the_pointer_over(tmp_path):
    first, second = begun(tmp_path), begun(tmp_path)
    finished(first, report("a"))
    finished(second, report("a"))

    assert second.directory == (tmp_path / "latest").resolve()
    assert ["latest", "runs"] == sorted(path.name for path in tmp_path.iterdir())


def test_a_copy_that_took_the_pointer_for_a_directory_can_be_gone_on_with(tmp_path):
    finished(begun(tmp_path / "first"), report("a"))
    shutil.copytree(tmp_path / "first", tmp_path / "copy")
    second = begun(tmp_path / "copy")
    finished(second, report("a"))

    assert second.directory == (tmp_path / "copy" / "latest").resolve()


@pytest.mark.parametrize("how", ["directory", "file"])
def test_what_somebody_else_has_put_where_the_newest_run_is_named_is_left_alone(tmp_path, how):
    place = tmp_path / "latest"
    if how == "directory":
        place.mkdir()
        (place / "photos").write_text("of somebody's own")
    else:
        place.write_text("of somebody's own")

    with pytest.raises(DrillError, match=r"latest is no run's evidence.*move it away"):
        begun(tmp_path).expect({"features/a.feature::test_a": ("INT-DB",)})
    assert place.is_file() or ["photos"] == [each.name for each in place.iterdir()]


def test_the_pointer_stays_where_it_was_until_it_is_replaced(tmp_path, monkeypatch):
    first, second = begun(tmp_path), begun(tmp_path)
    finished(first, report("a"))
    replace = Path.replace

    def refused(path, target):
        if target.name == "latest":
            raise OSError("no")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", refused)
    with pytest.raises(OSError, match="no"):
        finished(second, report("a"))

    assert first.directory == (tmp_path / "latest").resolve()


def test_a_run_that_takes_the_pointer_while_another_one_looks_is_not_taken_for_a_copy(tmp_path, monkeypatch):
    first, second = begun(tmp_path), begun(tmp_path)
    is_symlink = Path.is_symlink

    def seen_too_early(path):
        seen = is_symlink(path)
        if path.name == "latest":
            monkeypatch.undo()
            finished(first, report("a"))
        return seen

    expected = report("a")
    second.expect({expected.record.node: ()})
    second.take(expected)
    monkeypatch.setattr(Path, "is_symlink", seen_too_early)
    second.finish(status=0, totals={})

    assert second.directory == (tmp_path / "latest").resolve()


def test_runs_that_begin_at_once_keep_apart(tmp_path):
    runs = [begun(tmp_path) for _ in range(50)]

    assert 50 == len({run.directory for run in runs})


def test_a_place_that_cannot_be_written_to_is_told_before_anything_runs(tmp_path):
    (tmp_path / "reports").write_text("a file")

    with pytest.raises(DrillError, match=r"evidence cannot be written: .*reports.*: Not a directory; .*--reports"):
        begun(tmp_path / "reports").expect({"features/a.feature::test_a": ()})


def test_a_run_without_scenarios_leaves_nothing(run):
    run.expect({})

    assert False is run.has_scenarios
    assert not run.directory.exists()


def test_whatever_reaches_the_record_is_masked_once_more(tmp_path):
    conceal("swordfish-4711")
    run = begun(tmp_path)
    finished(
        run, report("opened with swordfish-4711", events=[{"said": "swordfish-4711"}], server_log="swordfish-4711")
    )
    files = [path for path in tmp_path.rglob("*") if path.is_file()]

    assert {"run.json", "events.jsonl", "0001.log"} == {path.name for path in files}
    assert [] == [path.name for path in files if "swordfish" in path.read_text("utf-8")]
