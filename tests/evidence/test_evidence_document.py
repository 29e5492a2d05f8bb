"""docs/evidence.md describes every field of the evidence, and none that there is not."""

import re

import pytest

from drill.evidence.journal import Kind
from drill.evidence.record import (
    SCHEMA,
    CriterionRecord,
    EngineRecord,
    MeasurementRecord,
    RunRecord,
    RuntimeRecord,
    ScenarioRecord,
    TierRecord,
)
from tests.evidence.rehearsal import REPOSITORY

DOCUMENT = (REPOSITORY / "docs" / "evidence.md").read_text("utf-8")
ROW = re.compile(r"^\| ((?:`\w+`(?:, )?)+) \|", re.MULTILINE)


def described(heading):
    """The names in the first column of the table below a heading."""
    section = re.split(r"^##+ ", DOCUMENT.partition(f"# {heading}\n")[2], flags=re.MULTILINE)[0]
    return sorted(name for row in ROW.findall(section) for name in re.findall(r"\w+", row) if name != "kind")


@pytest.mark.parametrize(
    ("heading", "fields"),
    [
        ("The run", [*RunRecord.model_fields]),
        ("A criterion", [*CriterionRecord.model_fields]),
        ("A scenario", [*ScenarioRecord.model_fields]),
        ("A measurement", [*MeasurementRecord.model_fields]),
        ("A tier", [*TierRecord.model_fields]),
        ("The runtime, and each of its engines", [*RuntimeRecord.model_fields, *EngineRecord.model_fields]),
        ("events.jsonl", [*Kind]),
    ],
)
def test_a_table_describes_every_field_and_no_other(heading, fields):
    assert sorted(fields) == described(heading)


def test_the_document_speaks_of_the_schema_that_is_written():
    assert f"Schema {SCHEMA}. " in DOCUMENT


@pytest.mark.parametrize("kind", ["testing", "incident"])
def test_the_fields_of_an_event_are_those_that_are_written(alone, kind):
    row = next(line for line in DOCUMENT.splitlines() if line.startswith(f"| `{kind}` "))
    written = next(event for event in alone.events if event["kind"] == kind)

    assert written.keys() - {"scenario", "kind", "at"} <= set(re.findall(r"`(\w+)`", row))
