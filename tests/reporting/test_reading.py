"""What the report reads of runs: every line of a log that is one, and no record that is none."""

import json

import pytest

from drill.reporting import reading
from drill.reporting.reading import Unreadable

RUN = "20261101T190000Z-00000000"
AT = "2026-11-01T19:00:01.5+00:00"


def logged(what, **facts):
    return json.dumps({"scenario": "s", "kind": "backup", "at": AT, "what": what, **facts}, ensure_ascii=False).encode()


def written(reports, name, content):
    run = reports / "runs" / RUN
    run.mkdir(parents=True)
    (run / name).write_bytes(content)
    return reports


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b'{"kind": "backup", "at": "2026-',
        b"\x00\xff",
        b"[" * 10_000,
        b"[]",
        logged("?", kind="rehearsal"),
        logged("?", at="yesterday"),
        logged("?", at="2026-11-01T19:00:01"),
    ],
)
def test_a_line_that_is_none_is_left_out_and_those_around_it_are_not(tmp_path, damaged):
    log = b"\n".join([logged("one"), damaged, logged("two")])

    assert ["one", "two"] == [each.what for each in reading.events(written(tmp_path, "events.jsonl", log), RUN)]


@pytest.mark.parametrize(("what", "read"), [("a\u2028b", "a\u2028b"), ("a\x85b", "a\x85b")])
def test_only_the_end_of_a_line_ends_it(tmp_path, what, read):
    reports = written(tmp_path, "events.jsonl", logged(what) + b"\n" + logged("two") + b"\n{")

    assert [read, "two"] == [each.what for each in reading.events(reports, RUN)]


def test_a_text_that_is_not_utf_8_does_not_cost_the_line(tmp_path):
    reports = written(tmp_path, "events.jsonl", logged("a?b").replace(b"?", b"\xff") + b"\n")

    assert ["a\ufffdb"] == [each.what for each in reading.events(reports, RUN)]


def test_a_run_that_logged_nothing_has_no_events(tmp_path):
    assert [] == list(reading.events(tmp_path, RUN))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"started": "2026-11-01T19:00:00"}, "timezone"),
        ({"verdict": "splendid"}, "splendid"),
        ({"seconds": None}, "seconds"),
        ({"policy": {"title": "\udcff"}}, "utf-8"),
        ({"id": "20261101T190000Z-00000001"}, "it is the record of 20261101T190000Z-00000001"),
    ],
)
def test_a_record_that_is_none_is_told_of_with_the_reason(tmp_path, change, reason):
    whole = {"id": RUN, "started": AT, "finished": AT, "seconds": 1, "verdict": "proven", "new": "passed over"}
    reports = written(
        tmp_path, "run.json", json.dumps(whole | change, ensure_ascii=False).encode(errors="surrogateescape")
    )
    found = reading.record(reports, RUN)

    assert isinstance(found, Unreadable)
    assert reason in found.reason


@pytest.mark.parametrize("text", [b"", b"{}", b"[" * 10_000, b'{"verdict": "proven", "scenarios": [{"verdict": 1}]}'])
def test_a_record_that_is_none_has_no_gist(tmp_path, text):
    assert reading.gist(written(tmp_path, "run.json", text), RUN) is None


def test_the_gist_counts_what_never_came_to_an_end(tmp_path):
    scenarios = [{"verdict": "proven"}, {"verdict": "disproven"}]
    text = {"verdict": "disproven", "scenarios": scenarios, "runtime": {"name": "docker"}, "unreported": ["a"]}
    reports = written(tmp_path, "run.json", json.dumps(text).encode())

    assert ("disproven", "docker", 1, 3, frozenset()) == reading.gist(reports, RUN)
