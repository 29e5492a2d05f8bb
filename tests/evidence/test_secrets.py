"""A concealed secret is in nothing that a run writes or says, however the scenario met it."""

import json

import pytest

from drill.evidence.envelope import opened
from drill.evidence.statement import NAME
from tests.evidence.rehearsal import SECRET

FORMS = {SECRET, json.dumps(SECRET)[1:-1], json.dumps(SECRET, ensure_ascii=False)[1:-1], repr(SECRET)[1:-1]}
FORMS |= {form.replace('"', "&quot;") for form in FORMS}


@pytest.fixture(params=["alone", "by_two"])
def name(request):
    return request.param


@pytest.fixture
def ran(request, name):
    return request.getfixturevalue(name)


def content(path):
    """What a file holds; of a statement, what is packed in it too."""
    stored = path.read_bytes()
    return stored + (opened(stored).payload if path.name == NAME else b"")


def test_no_file_of_the_evidence_holds_it(ran, stage, name):
    files = [path for path in ran.reports.rglob("*") if path.is_file()] + [stage.root / f"{name}.xml"]
    kinds = {path.suffix for path in files}

    assert {".json", ".jsonl", ".log", ".txt", ".xml"} <= kinds
    assert [] == [path.name for path in files if any(form.encode() in content(path) for form in FORMS)]


def test_the_terminal_does_not_show_it(ran):
    assert set() == {form for form in FORMS if form in ran.output}
    assert "opened with •••" in ran.output


def test_what_surrounds_it_is_still_told(ran):
    [vault] = [scenario for scenario in ran.record.scenarios if scenario.name == "The vault stays shut"]
    [opened] = [event for event in ran.events if "said" in event]

    assert "'password': '•••'" in vault.reason
    assert "error: wrong-password: •••: take another\n" == opened["said"]
    assert "•••" == opened["handed"]
    assert any("FATAL: ••• is wrong" in log.read_text("utf-8") for log in (ran.directory / "logs").iterdir())
