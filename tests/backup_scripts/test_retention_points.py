"""retention_prune: what is kept beyond the term, and what somebody else has to say about it."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.repositories import written

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def ids(scripts):
    """A hundred days of daily backups, the oldest first."""
    return [written(scripts.home, finished=NOW - age * DAY, files={"data": b"data"}).id for age in range(99, -1, -1)]


def pruned(scripts, *arguments, **variables):
    facts = {"BACKUP_NOW": NOW.isoformat(), "RETENTION_DAYS": "30"} | variables
    return scripts.on(facts).run("retention_prune", *arguments)


def test_points_are_kept_beyond_the_term_and_why_is_told(scripts, ids):
    ran = pruned(scripts, RETENTION_WEEKLY="7", RETENTION_MONTHLY="4", RETENTION_COPIES="archive=60")
    beyond = ran.result["kept"][: -len(ids[-31:])]

    # The last of August, of September and of a week: the younger ones are within the term.
    assert ["20260831", "20260930", "20261018"] == [each[:8] for each in beyond]
    assert "one of the last 4 monthly points" in ran.said
    assert "one of the last 7 weekly points" in ran.said
    assert beyond + ids[-31:] == scripts.in_sight()


def test_a_copy_is_kept_for_its_own_term_and_no_longer(scripts, ids):
    ran = pruned(scripts, RETENTION_COPIES="archive=60 audit=10")

    assert ["20260930", *(each[:8] for each in ids[-31:])] == [each[:8] for each in scripts.in_sight()]
    assert "the archive copy of its month, for 60 days" in ran.said


def test_what_is_pinned_stays_and_why_is_told(scripts, ids):
    (scripts.home / ".pinned").mkdir()
    (scripts.home / ".pinned" / ids[3]).write_text("before the migration")
    ran = pruned(scripts)

    assert [ids[3], *ids[-31:]] == ran.result["kept"]
    assert f"kept {ids[3]}: pinned: before the migration" in ran.said


def test_while_a_legal_hold_lasts_nothing_goes(scripts, ids):
    (scripts.home / ".legal-hold").write_text("case 17")
    held = pruned(scripts)
    (scripts.home / ".legal-hold").unlink()

    assert ([], ids) == (held.result["removed"], held.result["kept"])
    assert "legal hold: case 17" in held.said
    assert ids[:-31] == pruned(scripts).result["removed"]


def test_a_legal_hold_whose_reason_cannot_be_read_holds_all_the_same(scripts, ids):
    (scripts.home / ".legal-hold").symlink_to("/not/mounted")
    held = pruned(scripts)

    assert ([], ids) == (held.result["removed"], held.result["kept"])
    assert "legal hold: its reason cannot be read (No such file or directory)" in held.said


def test_a_pin_whose_reason_cannot_be_read_holds_all_the_same(scripts, ids):
    (scripts.home / ".pinned").mkdir()
    (scripts.home / ".pinned" / ids[3]).symlink_to("/not/mounted")
    (scripts.home / ".pinned" / ids[4]).touch()
    ran = pruned(scripts)

    assert [*ids[3:5], *ids[-31:]] == ran.result["kept"]
    assert f"kept {ids[3]}: pinned: its reason cannot be read (No such file or directory)" in ran.said
    assert f"kept {ids[4]}: pinned: no reason given" in ran.said


def test_while_it_cannot_be_told_what_is_pinned_nothing_goes(scripts, ids):
    (scripts.home / ".pinned").symlink_to("/not/mounted")
    ran = pruned(scripts)

    assert (3, "pins-unreadable") == (ran.status, ran.slug)
    assert [".pinned", *ids] == scripts.in_sight()


@pytest.mark.parametrize(
    ("variables", "slug"),
    [
        ({"RETENTION_DAILY": "many"}, "wrong-number"),
        ({"RETENTION_COPIES": "archive"}, "wrong-number"),
        ({"RETENTION_COPIES": "archive=ten"}, "wrong-number"),
        ({"RETENTION_COPIES": "archive=3650 archive=30"}, "wrong-copies"),
        ({"RETENTION_TIME_ZONE": "Mars/Olympus"}, "wrong-zone"),
    ],
)
def test_what_cannot_be_is_a_wrong_argument_and_removes_nothing(scripts, ids, variables, slug):
    ran = pruned(scripts, **variables)

    assert (2, slug) == (ran.status, ran.slug)
    assert ids == scripts.in_sight()
