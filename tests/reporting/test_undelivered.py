"""A message that did not get there is in the month's report: for whom it was, why not, when and in which drill."""

import json

import pytest

from drill.reporting.composition import composed
from drill.reporting.page import Table
from drill.reporting.words import Words
from tests.reporting.conftest import NOVEMBER, report_of


@pytest.fixture(scope="module")
def summary(month, public):
    return report_of(month.reports, public=public)


def shown(summary, language="en"):
    """The table, and what each cell of its rows says."""
    page = composed(summary, Words(language), runs="../runs")
    blocks = [block for section in page.sections for block in section.blocks]
    [found] = [block for block in blocks if isinstance(block, Table) and block.id == "undelivered"]
    return found


def test_messages_that_are_alike_stand_together_and_those_that_arrived_do_not_stand_there(summary, month):
    [lost] = summary.undelivered

    assert ("team", "assessed", "Disaster, for the team") == (lost.audience, lost.when, lost.subject)
    assert ("Connection refused", "all servers lost") == (lost.reason, lost.disaster)
    assert ("backup_team.primary", "emergency.system_admin") == lost.to
    assert (27, month.names[0], month.names[-1]) == (lost.times, lost.first_run, lost.last_run)
    assert NOVEMBER.holds(lost.first) and lost.first < lost.last
    assert 0 == summary.undelivered_left_out


def test_those_for_which_there_is_no_room_are_counted(month, public, monkeypatch):
    monkeypatch.setattr("drill.reporting.undelivered.MOST", 0)
    cut = report_of(month.reports, public=public)

    assert ((), 27) == (cut.undelivered, cut.undelivered_left_out)


@pytest.mark.parametrize(("language", "told"), [("en", "the team"), ("vi", "đội khôi phục")])
def test_the_page_names_it_with_a_way_to_its_evidence(summary, language, told):
    [row] = shown(summary, language).rows
    [lost] = summary.undelivered
    texts = [" ".join(part.text for part in cell) for cell in row.cells]

    assert "all servers lost" in texts[0]
    assert texts[1].startswith(told) and "backup_team.primary" in texts[1]
    assert ("Connection refused", "27") == (texts[2], texts[3])
    assert [f"../runs/{run}/events.jsonl" for run in (lost.first_run, lost.last_run)] == [
        part.href for part in row.cells[4]
    ]


def test_a_log_from_before_it_was_kept_for_whom_a_message_was_can_be_read(summary):
    old = summary.undelivered[0].model_copy(update={"to": ()})

    assert shown(summary.model_copy(update={"undelivered": (old,)})).rows


def test_the_json_has_it(month):
    report = json.loads(month.file("json").read_text("utf-8"))

    assert [27] == [each["times"] for each in report["undelivered"]]
