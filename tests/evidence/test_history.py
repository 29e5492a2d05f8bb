"""What the event logs of earlier runs say of backups in a row."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from drill.evidence.history import Tries, backup_series

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
MONTH = timedelta(days=30)


def event(*, status=0, age=timedelta(days=1), **facts):
    return {"kind": "backup", "in_series": True, "status": status, "at": (NOW - age).isoformat(), **facts}


@pytest.fixture
def record(tmp_path):
    def write(run, *events, cut=""):
        directory = tmp_path / "runs" / run
        directory.mkdir(parents=True)
        lines = [json.dumps(each) + "\n" for each in events]
        (directory / "events.jsonl").write_text("".join(lines) + cut, "utf-8")

    return write


def test_the_backups_of_every_run_are_counted(record, tmp_path):
    record("one", event(), event(status=1))
    record("two", event())

    assert Tries(done=2, number=3) == backup_series(tmp_path, since=NOW - MONTH)


def test_what_is_older_does_not_count(record, tmp_path):
    record("one", event(age=MONTH + timedelta(seconds=1)), event(age=MONTH))

    assert Tries(done=1, number=1) == backup_series(tmp_path, since=NOW - MONTH)


@pytest.mark.parametrize("facts", [{"in_series": False}, {"kind": "recovery"}])
def test_only_backups_in_a_row_count(record, tmp_path, facts):
    record("one", event(**facts))

    assert Tries(done=0, number=0) == backup_series(tmp_path, since=NOW - MONTH)


def test_a_line_that_a_killed_run_left_unfinished_counts_as_nothing(record, tmp_path):
    record("one", event(), cut='{"kind": "backup", "in_se')

    assert Tries(done=1, number=1) == backup_series(tmp_path, since=NOW - MONTH)


def test_without_any_run_there_are_no_tries(tmp_path):
    assert Tries(done=0, number=0) == backup_series(tmp_path, since=NOW - MONTH)
