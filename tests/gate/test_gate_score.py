"""The score of sabotage before a release: of enough faults, the newest, with no miss and no false alarm hidden."""

from datetime import timedelta

import pytest

from drill.evidence.verdict import Verdict
from tests.evidence.examples import report
from tests.evidence.stores import BEGINNING, sealed
from tests.gate.drills import WHOLE, drilled, gate, of

PROVEN, UNPROVEN, DISPROVEN = Verdict.PROVEN, Verdict.UNPROVEN, Verdict.DISPROVEN


def scored(reports, *, missed=(), not_tried=(), false_alarms=(), minutes=0, faults=4, known=202, whole=True):
    """A drill, a full one unless something else is said, that also tried faults on two healthy sets."""
    event = {
        "kind": "testing",
        "what": "sabotage",
        "known": known,
        "faults": faults,
        "caught": faults - len(missed) - len(not_tried),
        "refused": 0,
        "missed": " ".join([*missed, *not_tried]),
        "not_tried": " ".join(not_tried),
        "healthy": 2,
        "false_alarms": " ".join(false_alarms),
        "seconds": 1.0,
    }
    scenarios = [report("a", "INT-DB", events=[event]), *([report("b", "RTO-DB")] if whole else [])]
    return sealed(reports, *scenarios, totals=WHOLE, at=BEGINNING + timedelta(minutes=minutes))[0]


@pytest.mark.parametrize(
    ("found", "minimum", "verdict"),
    [
        ({}, 1.0, PROVEN),
        ({"missed": ["DUMP-CUT"]}, 1.0, DISPROVEN),
        ({"missed": ["DUMP-CUT"]}, 0.75, PROVEN),
        ({"false_alarms": ["redis"]}, 0.75, DISPROVEN),
        ({"not_tried": ["KERNEL-LOST"]}, 1.0, UNPROVEN),
        ({"not_tried": ["KERNEL-LOST"], "missed": ["DUMP-CUT"]}, 1.0, DISPROVEN),
        ({"not_tried": ["KERNEL-LOST"], "missed": ["DUMP-CUT"]}, 0.75, UNPROVEN),
    ],
)
def test_a_score_of_sabotage_below_the_minimum_shuts_it(gated, reports, found, minimum, verdict):
    scored(reports, **found)

    assert verdict == of(gate(gated(minimum_sabotage=f"{minimum:.0%}"), reports))["SABOTAGE-SCORE"]


def test_without_a_score_that_is_recent_it_stays_shut(gated, reports):
    drilled(reports)

    assert UNPROVEN == of(gate(gated(minimum_sabotage="100 %"), reports))["SABOTAGE-SCORE"]


def test_the_newest_score_counts(gated, reports):
    scored(reports, missed=["DUMP-CUT"])
    scored(reports, minutes=5)

    assert PROVEN == of(gate(gated(minimum_sabotage="100 %"), reports))["SABOTAGE-SCORE"]


def test_a_newer_score_of_fewer_faults_hides_no_miss(gated, reports):
    scored(reports, missed=["DUMP-CUT"], faults=40)
    scored(reports, minutes=5, whole=False)

    assert DISPROVEN == of(gate(gated(minimum_sabotage="100 %"), reports))["SABOTAGE-SCORE"]


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        ({"missed": ["DUMP-CUT"]}, DISPROVEN),
        ({"false_alarms": ["redis"]}, DISPROVEN),
        ({"not_tried": ["KERNEL-LOST"]}, PROVEN),
        ({}, PROVEN),
    ],
)
@pytest.mark.parametrize("enough", [None, 30])
def test_a_newer_score_of_fewer_faults_can_only_make_it_worse(gated, reports, found, verdict, enough):
    scored(reports, faults=40)
    newer = scored(reports, minutes=5, whole=enough is not None, **found)
    decision = gate(gated(minimum_sabotage="100 %", minimum_faults=enough), reports)

    assert verdict == of(decision)["SABOTAGE-SCORE"]
    assert (verdict is DISPROVEN) == (newer.id in told(decision))


def test_what_was_missed_and_what_could_not_be_tried_are_told_apart(gated, reports):
    scored(reports, missed=["DUMP-CUT"], not_tried=["KERNEL-LOST"])

    assert "; missed: DUMP-CUT; could not be tried: KERNEL-LOST" in told(gate(gated(minimum_sabotage="100 %"), reports))


def told(decision):
    return next(check.what for check in decision.checks if check.id == "SABOTAGE-SCORE")


@pytest.mark.parametrize(
    ("known", "said"), [(202, "14 of 202 known faults tried"), (None, "14 tried, of as many as were known then")]
)
def test_it_says_how_many_of_the_known_faults_were_tried(gated, reports, known, said):
    run = scored(reports, faults=14, known=known)

    assert f"14 of 14 faults noticed in {run.id}, {said}" == told(gate(gated(minimum_sabotage="100 %"), reports))


@pytest.mark.parametrize(
    ("found", "minimum", "verdict"),
    [
        ({"faults": 202}, "100 %", PROVEN),
        ({"faults": 14}, "100 %", UNPROVEN),
        ({"faults": 14}, None, UNPROVEN),
        ({"faults": 200, "not_tried": ["KERNEL-LOST"]}, "90 %", UNPROVEN),
        ({"faults": 14, "missed": ["DUMP-CUT"]}, "100 %", DISPROVEN),
    ],
)
def test_too_few_faults_leave_it_shut_where_a_number_is_demanded(gated, reports, found, minimum, verdict):
    scored(reports, **found)
    decision = gate(gated(minimum_sabotage=minimum, minimum_faults=200), reports)

    assert (verdict, verdict) == (of(decision)["SABOTAGE-SCORE"], decision.verdict)
    assert (verdict is PROVEN) != ("200 have to be tried (minimum_faults of [gate])" in told(decision))


def test_the_night_before_a_short_drill_has_tried_as_many_as_are_demanded(gated, reports):
    night = scored(reports, faults=202)
    scored(reports, minutes=5, faults=14)

    assert night.id in told(gate(gated(minimum_sabotage="100 %", minimum_faults=200), reports))
    assert night.id not in told(gate(gated(minimum_sabotage="100 %"), reports))
    late = gate(gated(minimum_sabotage="100 %", minimum_faults=200, max_age="58 min"), reports)
    assert UNPROVEN == of(late)["SABOTAGE-SCORE"], "the night is too long ago"
