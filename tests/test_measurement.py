"""The benchmarks' arithmetic, and that what was not measured is never reported as good enough."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from bench import report
from bench.measurement import Measurement, alternating, ratio, spread
from bench.reports import multiplied


def measured(value: float | None, *, limit: float | None = 1.3) -> Measurement:
    return Measurement(what="a restore", runtime="docker", value=value, unit="×", limit=limit, detail="a | b")


@pytest.mark.parametrize(("value", "within"), [(1.3, True), (1.31, False), (None, None)])
def test_a_value_is_within_its_limit_or_beyond_it_or_unknown(value, within):
    assert within is measured(value).within


def test_a_value_that_nothing_is_demanded_of_is_neither(tmp_path):
    report.write([measured(1.25, limit=None)], tmp_path / "report.md", versions=[], command="bench")

    assert measured(1.25, limit=None).within is None
    assert "| a restore | docker | 1.25 × | – | – | a \\| b |" in (tmp_path / "report.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("value", "cells"),
    [(1.25, "| 1.25 × | 1.3 × | yes |"), (2, "| 2.00 × | 1.3 × | no |"), (None, "| not measured | 1.3 × | unknown |")],
)
def test_the_report_tells_what_was_not_measured(tmp_path, value, cells):
    report.write([measured(value)], tmp_path / "report.md", versions=[], command="bench")

    assert f"| a restore | docker {cells} a \\| b |" in (tmp_path / "report.md").read_text("utf-8").splitlines()


def test_pairs_begin_with_either_in_turns():
    order = []

    def sample(name: str) -> float:
        order.append(name)
        return float(len(order))

    ours, theirs = alternating(lambda: sample("ours"), lambda: sample("theirs"), rounds=3)

    assert ["ours", "theirs", "theirs", "ours", "ours", "theirs"] == order
    assert ([1, 4, 5], [2, 3, 6]) == (ours, theirs)


def test_a_ratio_is_the_median_of_the_pairs_and_not_the_ratio_of_medians():
    assert ratio([1, 2, 30], [1, 4, 10]) == 1


def test_a_spread_names_the_extremes_where_there_are_several():
    assert ("2.00 s", "2.00 s (1.00 to 4.00)") == (spread([2]), spread([4, 1, 2]))


def test_results_are_multiplied_with_identifiers_and_attachments_of_their_own(tmp_path):
    real = tmp_path / "real"
    real.mkdir()
    for number in range(2):
        names = [f"{number}000000a-0000-4000-8000-00000000000{place}" for place in range(2)]
        result = {"uuid": names[0], "historyId": f"{number:032x}", "source": f"{names[1]}-attachment.txt"}
        (real / f"{names[0]}-result.json").write_text(json.dumps(result))
        (real / f"{names[1]}-attachment.txt").write_text(f"what was said {number}")

    assert 2 == multiplied(real, tmp_path / "many", wanted=5)
    results = [json.loads(path.read_text()) for path in (tmp_path / "many").glob("*-result.json")]
    assert [5, 5, 5] == [len({each[name] for each in results}) for name in ("uuid", "historyId", "source")]
    assert {"what was said 0": 3, "what was said 1": 2} == Counter(
        (tmp_path / "many" / each["source"]).read_text() for each in results
    )


def test_of_no_results_none_are_made(tmp_path):
    assert 0 == multiplied(tmp_path / "none", tmp_path / "many", wanted=5)
