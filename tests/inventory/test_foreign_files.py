"""What lies in a repository and is none of it, or is said there and cannot be, is told and breaks nothing."""

import hashlib
import os
from datetime import timedelta

import pytest

from drill import inventory
from drill.inventory import reading
from drill.inventory.presentation import every_flaw
from tests.repositories import LAST_NIGHT, written

NOW = LAST_NIGHT + timedelta(hours=10)
FIRST, LAST = "000000010000000000000004", "00000001FFFFFFFF000000FF"


@pytest.fixture
def repository(tmp_path):
    return tmp_path / "repository"


def backed_up(repository, **source):
    facts = {"timeline": 1, "start_lsn": "0/4000028", "wal_segment_size": 16 << 20} | source
    return written(repository / "postgres", source=facts)


def archived(repository, *names):
    archive = repository / "postgres" / "wal"
    archive.mkdir()
    lines = [f"{hashlib.sha256(name.encode()).hexdigest()}  {name}.gz\n" for name in names]
    (archive / "archive.sha256").write_text("".join(lines))
    for name in names:
        (archive / f"{name}.gz").write_text(name)


def test_holes_are_counted_and_not_laid_out_one_by_one(repository):
    # Laid out one by one, these would not fit into any memory.
    backed_up(repository)
    archived(repository, FIRST, LAST)
    log = inventory.take(repository, now=NOW).sets[0].log
    missing = ((0xFFFFFFFF << 8) + 0xFF) - 4 - 1

    assert [missing] == [span.holes for span in log.spans]
    assert ["log-hole"] * 6 == [flaw.kind for flaw in log.flaws]
    assert "000000010000000000000005 is missing: no recovery goes past it" == log.flaws[0].what
    assert f"and {missing - 5} more of timeline 1" == log.flaws[-1].what


def test_a_hole_on_both_sides_of_the_oldest_backup_is_a_note_and_a_flaw(repository):
    backed_up(repository)
    archived(repository, "000000010000000000000001", "000000010000000000000006")
    log = inventory.take(repository, now=NOW).sets[0].log

    assert ["000000010000000000000004", "000000010000000000000005"] == [flaw.what[:24] for flaw in log.flaws]
    assert ["2 segments are missing from before the oldest backup"] == log.notes


@pytest.mark.parametrize("size", [1 << 40, 0, -1, 3, "much"])
def test_a_size_that_no_segment_has_is_not_reckoned_with(repository, size):
    backed_up(repository, wal_segment_size=size)
    archived(repository, FIRST, "000000010000000000000006")

    assert ["log-hole"] == [flaw.kind for flaw in inventory.take(repository, now=NOW).sets[0].log.flaws]


def test_a_record_of_verifications_without_end_is_a_flaw(repository):
    backup = written(repository / "redis")
    (backup.directory.parent / ".verification.json").write_text('{"x": ' + "[" * 100_000)
    found = inventory.take(repository, now=NOW)
    reading.note(found)

    assert ["verification-unreadable"] == [flaw.kind for _, _, flaw in every_flaw(found)]
    assert reading.verified_at(backup.directory.parent) is None


@pytest.mark.parametrize(
    "put",
    [os.mkfifo, lambda place: place.symlink_to("/dev/zero"), lambda place: place.mkdir()],
    ids=["a pipe that nobody writes into", "a link to what never ends", "a directory"],
)
def test_a_manifest_that_is_no_file_is_not_waited_for(repository, put):
    backup = written(repository / "redis")
    (backup.directory / "manifest.json").unlink()
    put(backup.directory / "manifest.json")

    assert ["manifest-invalid"] == [flaw.kind for _, _, flaw in every_flaw(inventory.take(repository, now=NOW))]
