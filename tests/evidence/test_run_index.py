"""The history of runs: an index that can be lost, damaged and shared, and says what the records say."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from drill.errors import DrillError
from drill.evidence.finding import Rule
from drill.evidence.run_index import FILE_NAME, opened
from drill.evidence.trends import slower, worst_measured
from drill.evidence.verification import verify
from tests.evidence.examples import measured, report
from tests.evidence.stores import BEGINNING, finished, sealed, store


def runs(reports):
    with opened(reports) as index:
        return index.runs()


def timed(reports, day, seconds, criterion="RTO-DB", **further):
    """A run of some night that measured a time."""
    took = measured(criterion, timedelta(seconds=seconds))
    return sealed(reports, report("a", criterion, measurements=took), at=BEGINNING + timedelta(days=day), **further)[0]


def test_every_run_is_in_it_with_what_it_measured(tmp_path):
    record = timed(tmp_path, 0, 60)
    [run] = runs(tmp_path)

    assert (record.id, "proven", "docker") == (run.id, run.verdict, run.runtime)
    assert ("1 min", "< 4 h", "proven") == (
        run.results["RTO-DB"].measured_text,
        run.results["RTO-DB"].objective,
        run.results["RTO-DB"].verdict,
    )


def test_it_is_made_anew_from_the_records(tmp_path):
    store(tmp_path)
    before = runs(tmp_path)
    (tmp_path / FILE_NAME).unlink()

    assert before == runs(tmp_path)
    assert 3 == len(before)


@pytest.mark.parametrize("length", [0, 100, 5000])
def test_it_survives_being_cut_off(tmp_path, length):
    store(tmp_path)
    before = runs(tmp_path)
    file = tmp_path / FILE_NAME
    file.write_bytes(file.read_bytes()[:length])

    assert before == runs(tmp_path)


def test_one_that_is_damaged_is_put_aside_and_not_forgotten(tmp_path):
    store(tmp_path)
    (tmp_path / FILE_NAME).write_bytes(b"nonsense" * 1000)

    assert 3 == len(runs(tmp_path))
    assert 1 == len(list(tmp_path.glob(f"{FILE_NAME}.damaged-*")))
    assert Rule.UNCHECKED in {finding.rule for finding in verify(tmp_path).findings}


def test_a_record_that_changes_is_read_again_and_one_that_is_gone_is_dropped(tmp_path):
    first, second, third = store(tmp_path)
    runs(tmp_path)
    changed = tmp_path / "runs" / first.id / "run.json"
    changed.write_text(first.model_copy(update={"seconds": 4711.0}).model_dump_json(), "utf-8")
    (tmp_path / "runs" / second.id / "run.json").unlink()

    assert [(first.id, 4711.0), (third.id, third.seconds)] == [(run.id, run.seconds) for run in runs(tmp_path)]


def test_a_record_that_is_none_is_named(tmp_path):
    first, *_ = store(tmp_path)
    (tmp_path / "runs" / first.id / "run.json").write_text("{}")

    with opened(tmp_path) as index:
        assert [first.id] == [*index.unreadable]
        assert 2 == len(index.runs())


def test_runs_that_end_together_make_one_chain(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        records = list(pool.map(lambda day: timed(tmp_path, day, 1), range(16)))
    found = verify(tmp_path)

    assert {Rule.UNSIGNED} == {finding.rule for finding in found.findings}
    assert [16] == [head.number for head in found.heads]
    assert {record.id for record in records} == {run.id for run in runs(tmp_path)}


def test_an_unfinished_change_of_a_writer_that_was_killed_is_not_there(tmp_path):
    store(tmp_path)
    before = runs(tmp_path)
    killed = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    killed.execute("BEGIN IMMEDIATE")
    killed.execute("DELETE FROM run")
    killed.close()

    assert before == runs(tmp_path)


def test_a_place_that_is_none_is_told(tmp_path):
    with pytest.raises(DrillError, match=r"history .* cannot be kept"), opened(tmp_path / "none"):
        pass


def test_a_time_that_has_grown_is_told_of(tmp_path):
    timed(tmp_path, 0, 60)
    newest = timed(tmp_path, 1, 90)
    [grown] = slower(runs(tmp_path))

    assert ("RTO-DB", newest.id, "1.5 min", "1 min", 1.5) == (
        grown.criterion, grown.run, grown.now, grown.before, grown.factor
    )  # fmt: skip


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        pytest.param({"seconds": 60}, {"seconds": 70}, id="a little more"),
        pytest.param({"seconds": 0.05}, {"seconds": 0.12}, id="a blink of an eye"),
        pytest.param({"seconds": 90}, {"seconds": 60}, id="less"),
        pytest.param({"seconds": 60, "runtime": None}, {"seconds": 90}, id="other servers"),
        pytest.param({"seconds": 60, "criterion": "RPO-DB"}, {"seconds": 90}, id="another criterion"),
        pytest.param(
            {"seconds": 86400 * 30, "criterion": "RET-DB"},
            {"seconds": 86400 * 60, "criterion": "RET-DB"},
            id="where more is better",
        ),
    ],
)
def test_other_times_are_not_told_of(tmp_path, earlier, later):
    timed(tmp_path, 0, **earlier)
    timed(tmp_path, 1, **later)

    assert [] == list(slower(runs(tmp_path)))


def test_the_worst_of_several_criteria_is_shown(tmp_path):
    scenarios = [
        report("a", "RTO-DB", measurements=measured("RTO-DB", timedelta(seconds=9))),
        report("b", "RTO-CACHE", measurements=measured("RTO-CACHE", timedelta(seconds=70))),
    ]
    finished(tmp_path, *scenarios)
    [run] = runs(tmp_path)

    assert ("1.2 min", None) == (worst_measured(run, "RTO"), worst_measured(run, "RPO"))
