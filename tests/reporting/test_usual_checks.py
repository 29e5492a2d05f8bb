"""What usual checks would have missed stands in the report: by number and by name, in as few names as that takes."""

import json
from types import SimpleNamespace

import pytest
from msgspec import convert

from drill.reporting.composition.parts import Desk
from drill.reporting.composition.usual_checks import usual_checks as shown
from drill.reporting.reading import Sabotage
from drill.reporting.usual_checks import UsualCheck, UsualChecks, usual_checks
from drill.reporting.words import Words

COMPARED = {
    "faults": 4,
    "caught": 3,
    "missed": ["C", "EVIDENCE"],
    "kinds": {"dump": ["A", "B"], "log": ["C"]},
    "usual_checks": [
        {"name": "age", "missed": ["A", "B", "C"]},
        {"name": "checksum", "noticed": ["A"], "missed": ["B", "C"]},
        {"name": "tar -t", "noticed": ["A", "B"], "missed": []},
        {"name": "starts and answers", "inferred": True, "noticed": ["A", "B"], "missed": ["C"]},
    ],
}
INFERRED = "starts and answersnot run: it follows from what the drill found on restoring"
FEW = {"faults": 2, "caught": 2}


def ran(name, score):
    return SimpleNamespace(record=SimpleNamespace(id=name, sabotage=score and convert(score, Sabotage)))


def tables(compared, language="en"):
    desk = Desk(SimpleNamespace(usual_checks=compared), Words(language), "runs")
    _, *found = shown(desk)
    return {
        each.id: [["".join(piece.text for piece in cell) for cell in row.cells] for row in each.rows] for each in found
    }


def test_the_newest_comparison_counts_and_a_newer_score_without_one_does_not_hide_it():
    runs = [ran("first", COMPARED | {"missed": []}), ran("night", COMPARED), ran("day", FEW), ran("other", None)]
    found = usual_checks(runs)

    assert ("night", 3, ("C",)) == (found.run, found.faults, found.missed)
    assert UsualCheck(name="age", inferred=False, noticed=(), missed=("A", "B", "C")) == found.checks[0]
    assert usual_checks(runs[2:]) is None


def test_each_check_is_shown_with_what_it_missed_in_as_few_names_as_that_takes():
    assert [
        ["This drill", "2 of 3", "nightC"],
        ["age", "0 of 3", "all of them"],
        ["checksum", "1 of 3", "all but: A"],
        ["tar -t", "2 of 2", "–"],
        [INFERRED, "2 of 3", "C"],
    ] == tables(usual_checks([ran("night", COMPARED)]))["usual-checks"]


def test_the_matrix_shows_how_many_faults_of_each_kind_each_check_notices_of_those_that_it_applies_to():
    assert [
        ["This drill", "2/3", "2/2", "0/1"],
        ["age", "0/3", "0/2", "0/1"],
        ["checksum", "1/3", "1/2", "0/1"],
        ["tar -t", "2/2", "2/2", "–"],
        [INFERRED, "2/3", "2/2", "0/1"],
    ] == tables(usual_checks([ran("night", COMPARED)]))["usual-matrix"]


def test_without_the_kinds_of_its_faults_a_comparison_has_no_matrix():
    before = {name: told for name, told in COMPARED.items() if name != "kinds"}

    assert ["usual-checks"] == list(tables(usual_checks([ran("night", before)])))


def test_what_was_not_compared_is_said_to_be_not_measured():
    [said] = shown(Desk(SimpleNamespace(usual_checks=None), Words("en"), "runs"))

    assert "is not measured" in said.content[0].text


@pytest.mark.parametrize(("language", "words"), [("en", "all of them"), ("vi", "tất cả")])
def test_a_month_shows_it_in_both_languages(month, language, words):
    page = month.file(f"{language}.html").read_text("utf-8")
    _, _, table = page.partition('<table id="usual-checks">')
    table, _, _ = table.partition("</table>")

    assert words in table
    assert "MIRROR-CUT" in table


def test_the_json_holds_it(month):
    found = UsualChecks.model_validate(json.loads(month.file("json").read_text("utf-8"))["usual_checks"])

    assert {"checksum", "age", "git fsck"} <= {check.name for check in found.checks}
