"""The gate before a release: the drill of the plan opens it, and no store that is stale, partial or tampered with."""

from datetime import UTC, datetime, timedelta

import pytest

from drill.evidence.verdict import Verdict
from drill.features import scenarios
from tests.evidence.examples import report
from tests.evidence.rehearsal import REPOSITORY
from tests.evidence.stores import sealed
from tests.gate import tampering
from tests.gate.tampering import TAMPERED, WITHOUT_HISTORY, gate
from tests.procedures import SHIPPED

REQUIRED = SHIPPED.gate.require
SCORE = {
    "kind": "testing", "what": "sabotage", "faults": 9, "caught": 9, "refused": 0, "missed": "", "healthy": 3,
    "false_alarms": "", "seconds": 1.0,
}  # fmt: skip
OPEN, DISPROVEN, UNPROVEN = 0, 1, 3


def drilled(reports, *, age=timedelta(hours=1), verdict=Verdict.PROVEN, scenarios=1):
    """A run that carried the plan out, so long ago."""
    tried = report("a", *REQUIRED, verdict=verdict, events=[SCORE])
    return sealed(reports, tried, totals=dict.fromkeys(REQUIRED, scenarios), at=datetime.now(UTC) - age)[0]


@pytest.fixture
def reports(tmp_path):
    """A store of two drills, an hour apart, that opens the gate."""
    drilled(tmp_path / "reports", age=timedelta(hours=2))
    drilled(tmp_path / "reports")
    return tmp_path / "reports"


def test_what_it_requires_is_tried_by_the_drill_and_by_nothing_else():
    written = list(scenarios(REPOSITORY / "features"))
    wanted = [each for each in written if each.tags & set(REQUIRED)]

    assert set(REQUIRED) <= {tag for each in wanted for tag in each.tags}
    assert [] == [each for each in wanted if each.file.parts[0] != "disaster_recovery" or "drill" not in each.tags]


def test_every_disaster_of_the_drill_counts_for_what_it_requires():
    drills = [each for each in scenarios(REPOSITORY / "features" / "disaster_recovery") if "drill" in each.tags]

    assert [] == [each.name for each in drills if not each.tags & {*REQUIRED, "SABOTAGE"}]


def test_the_drill_of_the_plan_opens_it(reports):
    told = gate(reports)

    assert OPEN == told.exit_code, told.output
    assert "CONTACTS, which is not required, is disproven" in told.output


def test_everything_is_more_than_the_drill_of_the_plan(reports):
    told = gate(reports, "--everything")

    assert DISPROVEN == told.exit_code
    assert "RTO-DB" in told.output


@pytest.mark.parametrize("tampered", TAMPERED)
def test_a_store_that_was_tampered_with_never_opens_it(reports, tampered):
    assert OPEN == gate(reports).exit_code
    TAMPERED[tampered](reports)
    told = gate(reports)

    assert (UNPROVEN if tampered in WITHOUT_HISTORY else DISPROVEN) == told.exit_code, told.output


def test_drills_that_have_grown_stale_do_not_open_it(tmp_path):
    drilled(tmp_path, age=timedelta(days=7, minutes=5))

    assert UNPROVEN == gate(tmp_path).exit_code


def test_a_part_of_the_drill_does_not_open_it(tmp_path):
    drilled(tmp_path, scenarios=2)

    assert UNPROVEN == gate(tmp_path).exit_code


def test_a_drill_that_does_not_hold_does_not_open_it(tmp_path):
    drilled(tmp_path, verdict=Verdict.DISPROVEN)

    assert DISPROVEN == gate(tmp_path).exit_code


def test_whatever_opens_the_gate_after_tampering_is_told(reports, monkeypatch):
    monkeypatch.setitem(TAMPERED, "nothing", lambda _: None)

    assert ["nothing"] == tampering.unnoticed(reports)


def test_a_store_of_one_run_is_tampered_with_in_every_way_that_takes_no_second_one(tmp_path):
    drilled(tmp_path / "reports")

    assert [] == tampering.unnoticed(tmp_path / "reports")
    assert TAMPERED.keys() - {"two runs exchanged"} == tampering.ways(tmp_path / "reports").keys()
