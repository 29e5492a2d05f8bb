"""What the tables show of the data: nothing silently absent, proofs with their evidence, and what is worst first."""

from datetime import timedelta

import pytest

from drill.evidence.verdict import Verdict
from drill.policy.controls import CONTROLS
from drill.reporting import coverage
from drill.reporting.composition import composed
from drill.reporting.composition.drills import MOST_ROWS
from drill.reporting.words import Words
from tests.reporting.conftest import POLICY, report_of

OPEN = {"DORA 12(4)", "DORA 12(5)", "PCI DSS 9.4.1.2"}


@pytest.fixture(scope="module")
def summary(month, public):
    return report_of(month.reports, public=public)


def rows(summary, identifier, language="en"):
    """The rows of a table: each a list of cells, each a tuple of pieces."""
    waiting = list(composed(summary, Words(language), runs="../runs").sections)
    while waiting:
        section = waiting.pop()
        waiting += section.sections
        for block in section.blocks:
            if getattr(block, "id", None) == identifier:
                return [row.cells for row in block.rows]
    raise AssertionError(f"there is no table {identifier}")


def read(cell):
    return "".join(f"\n{piece.text}" if piece.breaks else piece.text for piece in cell)


def test_a_control_that_nothing_serves_is_listed_as_such(summary):
    shown = {read(cells[0]).split("\n")[0]: [read(each) for each in cells[1:]] for cells in rows(summary, "controls")}

    assert list(CONTROLS) == list(shown)
    for control in OPEN:
        assert ["nothing of the policy serves it", "–", "–", coverage.UNSERVED] == shown[control]


def test_a_heading_that_promises_nothing_has_its_line_and_its_reason(summary):
    shown = {read(cells[0]): [read(each) for each in cells[1:]] for cells in rows(summary, "headings")}

    assert [each.name for each in summary.headings] == list(shown)
    assert ["It only holds: PostgreSQL Backup; Redis Backup", "–", "–", coverage.ONLY_HOLDS] == shown["Database Backup"]
    assert [coverage.PROMISES_NOTHING] == [cells[3] for cells in shown.values() if cells[0] == "it promises nothing"]


def test_every_row_that_is_proven_in_part_leads_to_the_newest_proof(summary):
    proven = {each.id: (each.last_proven, each.last_proven_run) for each in summary.criteria if each.last_proven}

    for identifier, covered in (("headings", summary.headings), ("controls", summary.controls)):
        for cells, each in zip(rows(summary, identifier), covered, strict=True):
            newest = max((proven[one] for one in each.criteria if one in proven), default=None)
            assert (f"../runs/{newest[1]}/run.json" if newest else None) == cells[2][0].href, each.name


def test_of_too_many_runs_those_are_kept_that_were_not_proven(summary):
    [proven, *_] = [each for each in summary.drills if each.verdict is Verdict.PROVEN]
    old = proven.model_copy(update={"run": "old", "verdict": Verdict.DISPROVEN})
    doubted = proven.model_copy(update={"run": "doubted", "counts": False, "because": "changed"})
    many = tuple(
        proven.model_copy(update={"run": f"new-{place}", "started": proven.started + timedelta(hours=place)})
        for place in range(1, 2 * MOST_ROWS)
    )
    shown = rows(summary.model_copy(update={"drills": (old, doubted, *many)}), "runs")
    names = [cells[0][1].text for cells in shown]

    assert MOST_ROWS == len(names)
    assert {"old", "doubted"} == set(names[-2:])
    assert f"new-{2 * MOST_ROWS - 1}" == names[0]


def test_what_a_verdict_rests_on_is_repeated_beside_the_metric(summary):
    gone = {each.id: each for each in summary.attestations}["COST"].model_copy(
        update={"verdict": Verdict.UNPROVEN, "expires_on": summary.span.since}
    )
    others = tuple(gone if each.id == "COST" else each for each in summary.attestations)
    changed = summary.model_copy(update={"attestations": others})
    shown = {read(cells[1]): read(cells[5]) for cells in rows(changed, "metrics-document")}

    assert "unproven\nexpired" == shown["COST"]
    for each in summary.criteria:
        if each.id in shown and each.why == "not-run":
            assert "unproven\nno run tested it" == shown[each.id]


def test_of_a_drill_it_is_told_what_was_verified_and_of_a_recovery_that_its_scenario_was_over(summary):
    drill, *_, recovery = (read(cells[2]) for cells in rows(summary, "timelines"))

    assert (True, False) == ("verified" in drill, "the scenario over" in drill)
    assert (False, True) == ("verified" in recovery, "the scenario over" in recovery)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "postgres: at 10.5\N{NO-BREAK SPACE}MB only, not at production's size"),
        ("vi", "postgres: chỉ ở mức 10,5\N{NO-BREAK SPACE}MB, chưa phải ở kích thước của hệ thống sản xuất"),
    ],
)
def test_a_proof_at_one_size_is_not_shown_as_one_at_production_s(summary, language, said):
    criteria = [each.model_copy(update={"unprojected": {"postgres": 10_500_000}}) for each in summary.criteria[:1]]
    limited = summary.model_copy(update={"criteria": (*criteria, *summary.criteria[1:])})
    told = [read(cells[-1]).split("\n") for cells in rows(limited, "criteria", language)]

    assert [0] == [place for place, lines in enumerate(told) if said in lines]


def test_names_to_be_copied_are_shown_as_such(summary):
    pieces = [piece for cells in rows(summary, "headings") for piece in cells[4]]

    assert "dr-drill project" in {piece.text for piece in pieces if piece.code}
    assert [] == [piece.text for piece in pieces if "`" in piece.text]


def test_large_numbers_are_grouped(summary):
    many = [each.model_copy(update={"proven": 12345, "disproven": 0, "unproven": 0}) for each in summary.drills]
    shown = rows(summary.model_copy(update={"drills": tuple(many)}), "runs", "vi")

    assert {"12.345 trên 12.345"} == {read(cells[4 - 1]) for cells in shown}


def test_a_month_has_as_many_columns_as_days(summary):
    [calendar] = [
        figure for figure in composed(summary, Words("en"), runs="../runs").figures() if figure.id == "plot-calendar"
    ]

    assert ">30<" in calendar.svg
    assert ">31<" not in calendar.svg
    assert "no run that counts" in calendar.svg


def test_nearly_everything_the_shipped_policy_says_is_translated(summary):
    words = Words("vi")
    said = {each.statement for each in (*POLICY.criteria, *POLICY.attestations)}
    said |= {each.shows_not for each in POLICY.criteria}
    said |= {coverage.OF_PEOPLE, coverage.UNSERVED, coverage.ONLY_HOLDS, coverage.PROMISES_NOTHING}
    missing = [text for text in said if words.translated(text) is None]

    # The policy may run ahead of its translation: what is not in it is quoted.
    assert len(missing) <= len(said) / 10, missing


def test_what_is_translated_is_no_quotation_and_what_is_not_is_one(summary):
    known, *_ = summary.criteria
    foreign = known.model_copy(update={"statement": "Another policy says so."})
    changed = summary.model_copy(update={"criteria": (foreign, *summary.criteria[1:])})

    assert [(Words("vi").translated(known.statement), False)] == [
        (piece.text, piece.own) for piece in rows(summary, "criteria", "vi")[0][0][1:2]
    ]
    assert [(foreign.statement, True)] == [
        (piece.text, piece.own) for piece in rows(changed, "criteria", "vi")[0][0][1:2]
    ]
