"""The gate before a release: the drill of the plan opens it, and no store that is stale, partial or tampered with."""

import shutil
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from drill.cli import app
from drill.evidence.statement import NAME
from drill.evidence.verdict import Verdict
from drill.features import scenarios
from tests.evidence.examples import report
from tests.evidence.rehearsal import REPOSITORY
from tests.evidence.stores import exchanged, restated, sealed
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


def gate(reports, *options):
    return CliRunner().invoke(
        app, ["gate", "--reports", str(reports), "--policy", str(REPOSITORY / "policy.toml"), *options]
    )


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


def newest(reports):
    return max((reports / "runs").iterdir())


def oldest(reports):
    return min((reports / "runs").iterdir())


def altered(path):
    stored = bytearray(path.read_bytes())
    stored[len(stored) // 2] ^= 1
    path.write_bytes(stored)


TAMPERED = {
    "a byte of the record": lambda reports: altered(newest(reports) / "run.json"),
    "a byte of the log": lambda reports: altered(newest(reports) / "events.jsonl"),
    "a byte of an older log": lambda reports: altered(oldest(reports) / "events.jsonl"),
    "a later date": lambda reports: restated(newest(reports), finished=datetime.now(UTC).isoformat()),
    "a better verdict": lambda reports: restated(oldest(reports), verdict="disproven"),
    "a file put there": lambda reports: (newest(reports) / "waiver.txt").write_text("approved"),
    "the record gone": lambda reports: (newest(reports) / "run.json").unlink(),
    "the log gone": lambda reports: (newest(reports) / "events.jsonl").unlink(),
    "the statement gone": lambda reports: (newest(reports) / NAME).unlink(),
    "the newest run gone": lambda reports: shutil.rmtree(newest(reports)),
    "the older run gone": lambda reports: shutil.rmtree(oldest(reports)),
    "all runs gone": lambda reports: shutil.rmtree(reports / "runs"),
    "two runs exchanged": lambda reports: exchanged(newest(reports), oldest(reports)),
    "a run copied under another name": lambda reports: shutil.copytree(
        newest(reports), newest(reports).with_name(f"{newest(reports).name[:-8]}{'0' * 8}")
    ),
    "a link in place of a file": lambda reports: linked(newest(reports) / "run.json"),
}


def linked(path):
    path.rename(path.parents[2] / "elsewhere.json")
    path.symlink_to(path.parents[2] / "elsewhere.json")


@pytest.mark.parametrize("tamper", TAMPERED.values(), ids=TAMPERED.keys())
def test_a_store_that_was_tampered_with_never_opens_it(reports, tamper):
    assert OPEN == gate(reports).exit_code
    tamper(reports)
    told = gate(reports)

    assert DISPROVEN == told.exit_code, told.output


def test_drills_that_have_grown_stale_do_not_open_it(tmp_path):
    drilled(tmp_path, age=timedelta(days=7, minutes=5))

    assert UNPROVEN == gate(tmp_path).exit_code


def test_a_part_of_the_drill_does_not_open_it(tmp_path):
    drilled(tmp_path, scenarios=2)

    assert UNPROVEN == gate(tmp_path).exit_code


def test_a_drill_that_does_not_hold_does_not_open_it(tmp_path):
    drilled(tmp_path, verdict=Verdict.DISPROVEN)

    assert DISPROVEN == gate(tmp_path).exit_code
