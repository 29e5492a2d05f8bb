"""What verifications have found stands in the catalogue, backup by backup, and what they found wrong is a flaw."""

import json
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from drill import inventory
from drill.cli import app
from drill.inventory import reading
from drill.inventory.presentation import every_flaw
from tests.repositories import LAST_NIGHT, written

DAY = timedelta(days=1)
NOW = LAST_NIGHT + timedelta(hours=10)


@pytest.fixture
def repository(tmp_path):
    return tmp_path / "repository"


@pytest.fixture
def backups(repository):
    """A backup, one that builds on it, and one for itself."""
    home = repository / "redis"
    first = written(home, finished=LAST_NIGHT - 2 * DAY)
    return [first, written(home, finished=LAST_NIGHT - DAY, parent=first.id), written(home)]


def record(repository, *, right=(), wrong=()):
    at = LAST_NIGHT.isoformat()
    found = {
        "backups": {each.id: {"at": (LAST_NIGHT - DAY).isoformat(), "retain_until": None} for each in right},
        "wrong": {each.id: {"at": at, "reason": "checksum-mismatch"} for each in wrong},
    }
    (repository / "redis" / ".verification.json").write_text(json.dumps({"schema": 1, "at": at, **found}))


def noted(repository):
    found = inventory.take(repository, now=NOW)
    reading.note(found)
    return found


def test_who_was_read_and_found_right_is_told_from_who_was_not_read(repository, backups):
    record(repository, right=backups[:2])
    found = noted(repository)

    assert [(LAST_NIGHT - DAY, True)] * 2 + [(None, None)] == [
        (entry.last_read, entry.found_right) for entry in found.sets[0].entries
    ]
    assert found.holds


def test_who_was_found_wrong_does_not_hold_nor_who_builds_on_it(repository, backups):
    record(repository, right=backups, wrong=backups[:1])
    found = noted(repository)

    assert [(LAST_NIGHT, False), (LAST_NIGHT - DAY, True), (LAST_NIGHT - DAY, True)] == [
        (entry.last_read, entry.found_right) for entry in found.sets[0].entries
    ]
    assert [(backups[0].id, "found-wrong"), (backups[1].id, "parent-found-wrong")] == [
        (entry, flaw.kind) for _, entry, flaw in every_flaw(found)
    ]


def test_a_set_that_was_never_verified_says_so_and_holds(repository, backups):
    found = noted(repository)

    assert [None] * 3 == [entry.found_right for entry in found.sets[0].entries]
    assert found.holds


@pytest.mark.parametrize("text", ["", "[]", '{"at": "2026-03-01"}', '{"at": "2026-03-01T02:00Z", "wrong": {"a": 7}}'])
def test_a_record_that_cannot_be_read_is_a_flaw(repository, backups, text):
    (repository / "redis" / ".verification.json").write_text(text)

    assert ["verification-unreadable"] == [flaw.kind for _, _, flaw in every_flaw(noted(repository))]


def test_the_catalogue_tells_people_and_programs(repository, backups):
    record(repository, right=backups[:2], wrong=backups[1:2])
    told = CliRunner().invoke(app, ["catalogue", str(repository), "--json"])
    shown = CliRunner().invoke(app, ["catalogue", str(repository)])
    facts = [(each["last_read"], each["holds"]) for each in json.loads(told.stdout)["sets"][0]["backups"]]

    assert [((LAST_NIGHT - DAY).isoformat(), True), (LAST_NIGHT.isoformat(), False), (None, None)] == [
        (at and at.replace("Z", "+00:00"), holds) for at, holds in facts
    ]
    assert (1, 1) == (told.exit_code, shown.exit_code)
    for words in ("last read", "holds", "never read", "found-wrong", "a verification found checksum-mismatch"):
        assert words in shown.stdout
