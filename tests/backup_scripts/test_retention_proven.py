"""retention_prune: what a verification has found right stays, and what it has found wrong counts for nothing."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from backup_scripts.verification_record import NAME as RECORD
from tests.repositories import written

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def take(scripts):
    """Puts a backup of so many days ago into the set, and tells its id."""

    def take(age, *, parent=None):
        return written(scripts.home, finished=NOW - age * DAY, files={"data": b"data"}, parent=parent).id

    return take


@pytest.fixture
def ids(take):
    """Daily backups of forty days and today's, the oldest first."""
    return [take(age) for age in range(40, -1, -1)]


@pytest.fixture
def prune(scripts):
    """Prunes what a verification of last night has found right and wrong."""

    def prune(*, right=(), wrong=()):
        at = (NOW - DAY).isoformat()
        found = {
            "backups": {each: {"at": at, "retain_until": None} for each in right},
            "wrong": {each: {"at": at, "reason": "checksum-mismatch"} for each in wrong},
        }
        (scripts.home / RECORD).write_text(json.dumps({"schema": 1, "at": at, **found}))
        return scripts.on({"BACKUP_NOW": NOW.isoformat()}).run("retention_prune")

    return prune


def test_what_was_found_wrong_is_no_point_and_is_not_touched(scripts, ids, prune):
    ran = prune(wrong=ids[8:11])

    assert (ids[:7], ids[8:11]) == (ran.result["removed"], ran.result["ignored"])
    assert [RECORD, *ids[7:]] == scripts.in_sight()
    assert f"ignored {ids[10]}: checksum-mismatch was found in {ids[10]} on 2026-11-22" in ran.said
    assert f"kept {ids[7]}: the newest that is at least 30 days old" in ran.said


def test_what_builds_on_something_wrong_is_no_point_and_keeps_what_it_builds_on(scripts, take, prune):
    first = take(50)
    wrong = take(49, parent=first)
    child = take(31, parent=wrong)
    gone, kept = take(40), [take(39), take(1)]
    ran = prune(wrong=[wrong])

    assert ([gone], [wrong, child]) == (ran.result["removed"], ran.result["ignored"])
    assert [RECORD, first, wrong, kept[0], child, kept[1]] == scripts.in_sight()
    assert f"ignored {child}: checksum-mismatch was found in {wrong}" in ran.said


def test_where_all_that_is_young_was_found_wrong_nothing_goes(scripts, ids, prune):
    ran = prune(wrong=ids[11:])

    assert ([], [RECORD, *ids]) == (ran.result["removed"], scripts.in_sight())
    assert "have the backups stopped?" in ran.said


def test_the_newest_that_was_found_right_stays_with_all_that_it_builds_on(scripts, take, ids, prune):
    first = take(90)
    proven = take(80, parent=first)
    unread = take(70)
    gone = [take(85), unread, take(60, parent=unread)]
    ran = prune(right=[first, proven, gone[0], gone[2]])

    assert sorted([*gone, *ids[:10]]) == ran.result["removed"]
    assert [RECORD, first, proven, *ids[10:]] == scripts.in_sight()
    assert f"kept {proven}: the newest that a verification has found right" in ran.said


def test_a_newer_one_that_was_found_right_takes_its_place(take, ids, prune):
    former = take(80)

    assert former in prune(right=[former, ids[-1]]).result["removed"]


def test_one_that_was_right_and_is_wrong_is_not_the_newest_that_is_right(take, ids, prune):
    former, wrong = take(80), take(70)

    assert {former, wrong} & set(prune(right=[former, wrong], wrong=[wrong]).result["kept"]) == {former}


def test_a_record_from_before_wrong_ones_stood_in_it_knows_of_none(scripts, ids, prune):
    prune()
    (scripts.home / RECORD).write_text(json.dumps({"schema": 1, "at": NOW.isoformat(), "backups": {}}))

    assert ids[10:] == scripts.on({"BACKUP_NOW": NOW.isoformat()}).done("retention_prune")["kept"]


def test_a_record_that_cannot_be_read_is_refused_and_nothing_is_removed(scripts, ids):
    (scripts.home / RECORD).write_text('{"schema": 1, "backups": {}, "wrong": {"a": {"at": "2026-11-22"}}}')
    ran = scripts.on({"BACKUP_NOW": NOW.isoformat()}).run("retention_prune")

    assert (3, "record-invalid") == (ran.status, ran.slug)
    assert [RECORD, *ids] == scripts.in_sight()
