"""events.jsonl: the document's four logs, one line for each thing that happened."""

from datetime import datetime

import pytest

from drill.evidence.journal import Journal, Kind


@pytest.fixture(params=["alone", "by_two"])
def events(request):
    return request.getfixturevalue(request.param).events


def test_every_line_says_where_what_and_when(events):
    for event in events:
        assert {"scenario", "kind", "at"} <= event.keys()
        assert datetime.fromisoformat(event["at"]).tzinfo is not None


def test_the_four_kinds_stand_where_they_happened(events):
    kinds = [event["kind"] for event in events if event["scenario"].endswith("::test_it_holds")]

    assert ["backup", "incident", "recovery", "testing"] == kinds


def test_every_scenario_is_a_test_with_a_verdict(events, alone):
    tested = {event["what"]: event["verdict"] for event in events if event["kind"] == "testing"}

    assert alone.verdicts == tested


def test_facts_are_plain_values(events):
    backup, recovery = (next(event for event in events if event["kind"] == kind) for kind in ("backup", "recovery"))

    assert (0, 2.0, "a") == (backup["status"], backup["seconds"], backup["path"])
    assert "nan" == recovery["ratio"]


def test_a_journal_keeps_the_order_of_what_happened():
    journal = Journal()
    journal.event(Kind.BACKUP, what="first")
    journal.event(Kind.INCIDENT, what="second")

    assert ["first", "second"] == [event["what"] for event in journal.events]
    assert journal.events[0]["at"] <= journal.events[1]["at"]
