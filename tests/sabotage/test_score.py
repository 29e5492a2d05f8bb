"""The score of a sabotage: what it counts, what it comes to, and what the run record and the gate make of it."""

from dataclasses import replace

import pytest

from drill.damage.away import FOUND_AWAY
from drill.damage.faults import CATALOGUE
from drill.damage.faults.fault import Fault
from drill.damage.score import HEALTHY, Attempt, Outcome, Score
from drill.damage.sealed import SEALED_FAULTS
from drill.damage.trial import chosen
from drill.errors import DrillError
from drill.evidence.record import SabotageRecord
from drill.evidence.verdict import Verdict
from drill.verification.finding import FLAWS, REMEDIES, Finding, Severity

CAUGHT, CLEAN = ("A", "dump", Outcome.CAUGHT), ("postgres", HEALTHY, Outcome.CLEAN)


def score(*attempts):
    return Score(
        tuple(Attempt(name, kind, "", outcome, ("FOUND",), "", 1.0) for name, kind, outcome in attempts), seconds=2.0
    )


@pytest.mark.parametrize(
    ("attempts", "verdict"),
    [
        ([CAUGHT, CLEAN], Verdict.PROVEN),
        ([("A", "dump", Outcome.REFUSED), CLEAN], Verdict.PROVEN),
        ([CAUGHT, ("B", "dump", Outcome.MISSED), CLEAN], Verdict.DISPROVEN),
        ([CAUGHT, CLEAN, ("redis", HEALTHY, Outcome.FALSE_ALARM)], Verdict.DISPROVEN),
        ([CAUGHT, ("B", "dump", Outcome.NOT_TRIED), CLEAN], Verdict.UNPROVEN),
        ([CAUGHT], Verdict.UNPROVEN),
        ([CLEAN], Verdict.UNPROVEN),
        ([], Verdict.UNPROVEN),
    ],
)
def test_it_is_proven_only_if_all_is_noticed_and_nothing_healthy_accused(attempts, verdict):
    assert verdict == score(*attempts).verdict


def test_what_was_not_tried_was_not_noticed():
    assert 0.5 == score(CAUGHT, ("B", "dump", Outcome.NOT_TRIED), CLEAN).noticed


def test_the_run_record_keeps_it():
    found = score(
        CAUGHT, ("B", "dump", Outcome.MISSED), ("C", "log", Outcome.REFUSED), ("redis", HEALTHY, Outcome.FALSE_ALARM)
    )

    assert SabotageRecord(
        faults=3, caught=1, refused=1, missed=("B",), healthy=1, false_alarms=("redis",), seconds=2.0
    ) == SabotageRecord.of_event(found.event())


def test_the_run_record_tells_what_was_not_tried_and_how_many_faults_are_known():
    found = replace(score(CAUGHT, ("B", "dump", Outcome.NOT_TRIED), CLEAN), known=202)
    kept = SabotageRecord.of_event(found.event())

    assert (202, 2, 1, ("B",), ("B",)) == (kept.known, kept.faults, kept.tried, kept.missed, kept.not_tried)
    assert 202 == found.as_json()["known"]


def test_scores_of_different_faults_are_one_and_a_part_of_them_adds_nothing():
    of_all = score(CAUGHT, ("B", "dump", Outcome.MISSED), CLEAN)
    of_some = score(CAUGHT, CLEAN)
    of_machines = score(("K", "machine", Outcome.REFUSED), ("system", HEALTHY, Outcome.FALSE_ALARM))
    kept = SabotageRecord.of_events(each.event() for each in (of_some, of_machines, of_all))

    assert (3, 1, 1, ("B",), 2, ("system",)) == (
        kept.faults, kept.caught, kept.refused, kept.missed, kept.healthy, kept.false_alarms
    )  # fmt: skip
    assert SabotageRecord.of_events([]) is None


def test_a_log_of_before_says_less():
    event = score(CAUGHT, CLEAN).event()
    kept = SabotageRecord.of_event({name: event[name] for name in event.keys() - {"known", "names", "not_tried"}})

    assert (None, 1, ()) == (kept.known, kept.tried, kept.usual_checks)


def test_the_catalogue_is_large_and_names_each_fault_once():
    ids = [fault.id for fault in (*CATALOGUE, *SEALED_FAULTS)]

    assert len(ids) == len(set(ids))
    assert len(ids) >= 80


def test_every_fault_is_named_by_findings_that_there_are():
    known = REMEDIES.keys() | {flaw.upper() for flaw in FLAWS} | FOUND_AWAY
    unknown = {(fault.id, found) for fault in CATALOGUE for found in (fault.named_by | fault.demanded) - known}

    assert set() == unknown
    assert [] == [fault.id for fault in CATALOGUE if not fault.named_by]


def test_no_fault_is_named_by_what_weighs_nothing():
    idle = {
        fault.id
        for fault in CATALOGUE
        if all(Finding(found, "", "").severity is Severity.NOTE for found in fault.named_by)
    }

    assert set() == idle


def test_every_drill_tries_some_of_most_kinds():
    quick = chosen([], quick=True)

    assert 10 <= len(quick) <= 20
    assert {"dump", "snapshot", "catalogue", "retention", "secrecy", "record"} == {fault.kind for fault in quick}


def test_an_unknown_kind_is_refused():
    with pytest.raises(DrillError, match="no kind of fault 'dumps'"):
        chosen(["dumps"], quick=False)


def test_a_fault_says_what_happens_in_the_field():
    assert [] == [fault.id for fault in CATALOGUE if not isinstance(fault, Fault) or len(fault.field) < 15]
