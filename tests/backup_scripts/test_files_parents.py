"""files_archive: what an increment builds on is known to hold, or is read whole first."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.backup_scripts.file_trees import archived
from tests.backup_scripts.operating import Ran, Scripts
from tests.backup_scripts.test_backup_verify import flip
from tests.backup_scripts.test_files_round_trip import files, source, target

__all__ = ["files", "source", "target"]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def parent(files: Scripts) -> Path:
    """A full backup that has just been taken."""
    return files.home / archived(files, "home")


def later(files: Scripts, by: timedelta) -> Scripts:
    """The same scripts at a later time."""
    return files.on({"BACKUP_NOW": (datetime.now(UTC) + by).isoformat()})


def increment(files: Scripts, *, by: timedelta) -> Ran:
    return later(files, by).run("files_archive", "--incremental", "home")


def archive(backup: Path) -> Path:
    (found,) = backup.glob("0.tar.*")
    return found


@pytest.mark.parametrize("by", [2 * DAY, -HOUR], ids=["two days ago", "in the future"])
def test_a_parent_of_long_ago_is_read_whole(files, parent, by):
    flip(archive(parent))
    ran = increment(files, by=by)

    assert (3, "checksum-mismatch") == (ran.status, ran.slug)
    assert [parent.name] == files.in_sight()


def test_a_parent_that_was_just_written_is_not_read_again_and_its_restore_is_refused(files, parent):
    flip(archive(parent))
    ran = increment(files, by=HOUR)

    assert 0 == ran.status, ran.said
    assert "checksum-mismatch" == files.run("files_restore", ran.result["id"]).slug


def test_a_parent_that_was_found_right_lately_is_not_read_again(files, parent):
    on_it = files.on({"BACKUP_PARENT_ID": parent.name})
    later(files, 3 * DAY).done("backup_verify")
    flip(archive(parent))

    assert 0 == increment(on_it, by=3 * DAY + HOUR).status
    assert "checksum-mismatch" == increment(on_it, by=5 * DAY).slug


def test_a_record_that_cannot_be_read_says_nothing_for_a_parent(files, parent):
    (files.home / ".verification.json").write_text("[]")
    flip(archive(parent))

    assert "checksum-mismatch" == increment(files, by=2 * DAY).slug


def test_what_tar_goes_by_is_always_read(files, parent):
    flip(parent / "snapshot.snar")
    ran = increment(files, by=HOUR)

    assert (3, "checksum-mismatch") == (ran.status, ran.slug)


def test_every_file_of_a_chain_is_there(files, parent):
    assert 0 == increment(files, by=HOUR).status
    os.truncate(archive(parent), 9)
    ran = increment(files, by=2 * HOUR)

    assert (3, "backup-truncated") == (ran.status, ran.slug)


def test_a_parent_that_was_found_wrong_since_it_was_written_is_read_again(files, parent):
    flip(archive(parent))
    verified = later(files, HOUR).run("backup_verify")
    refused = increment(files, by=2 * HOUR)
    flip(archive(parent))  # as its copy at the other site has it
    built_on = increment(files, by=3 * HOUR)

    assert ["checksum-mismatch"] * 2 == [verified.slug, refused.slug]
    assert 3 == refused.status
    assert 0 == built_on.status, built_on.said


def test_whatever_of_a_chain_was_found_wrong_is_read_again(files, parent):
    assert 0 == increment(files, by=HOUR).status
    flip(archive(parent))
    later(files, 2 * HOUR).run("backup_verify")
    ran = increment(files, by=3 * HOUR)

    assert (3, "checksum-mismatch") == (ran.status, ran.slug)
