"""Backups are looked at together, and many of them by all processors: each is found to be what it is alone."""

import os
from datetime import timedelta

import pytest

from drill import inventory
from drill.backups.catalogue import MANIFEST
from drill.errors import DrillError
from drill.inventory import examination
from tests.repositories import LAST_NIGHT, written

NOW = LAST_NIGHT + timedelta(hours=10)
NO_TEXT = os.fsdecode(b"\xff")
IN_HANOI = "2026-02-20T08:55:00+07:00"


@pytest.fixture
def repository(tmp_path):
    """Sound ones, and some of which something does not hold: no text, no manifest, files too many and too few."""
    home = tmp_path / "repository" / "redis"
    places = [written(home, finished=LAST_NIGHT - timedelta(days=day)).directory for day in range(9)]
    written(home, finished=LAST_NIGHT - timedelta(days=9), started=IN_HANOI, source_bytes=2**70)
    (places[1] / MANIFEST).unlink()
    (places[2] / MANIFEST).write_bytes(b"\xff")
    (places[3] / MANIFEST).unlink()
    (places[3] / MANIFEST).mkdir()
    (places[4] / "small").unlink()
    (places[5] / "small").unlink()
    (places[5] / "small").symlink_to(places[0] / "small")
    (places[6] / "more").mkdir()
    (places[6] / "more" / MANIFEST).touch()
    places[7].rename(home / "elsewhere")
    return tmp_path / "repository"


def alone(repository, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(examination, "TOGETHER", 1)
        return inventory.take(repository, now=NOW, hashing=True)


@pytest.mark.parametrize(("together", "batch"), [(2, 2000), (32, 2000), (2, 5), (32, 1)])
@pytest.mark.parametrize("name", ["more", NO_TEXT])
def test_they_are_what_they_are_alone(repository, monkeypatch, together, batch, name):
    (repository / "redis" / name).mkdir()
    (next(repository.glob("redis/*/more")) / name).touch()
    expected = alone(repository, monkeypatch)
    monkeypatch.setattr(examination, "TOGETHER", together)
    monkeypatch.setattr("drill.inventory.repository.BATCH", batch)
    found = inventory.take(repository, now=NOW, hashing=True)

    assert repr(expected) == repr(found)  # moments are equal whatever their offsets
    assert 11 == len(found.sets[0].entries)
    assert 8 == sum(bool(entry.flaws) for entry in found.sets[0].entries)


def test_a_directory_that_cannot_be_listed_matters_where_its_manifest_is_sound(repository, monkeypatch):
    listed, expected = examination._sizes, alone(repository, monkeypatch)
    unlistable = {entry.id for entry in expected.sets[0].entries if not entry.is_backup}

    def refused(directory, below=""):
        if directory.rpartition("/")[2] in unlistable:
            raise PermissionError(13, "Permission denied", directory)
        return listed(directory, below)

    monkeypatch.setattr(examination, "_sizes", refused)

    assert expected == inventory.take(repository, now=NOW, hashing=True)
    sound = next(entry.id for entry in expected.sets[0].entries if entry.is_backup)
    unlistable.add(sound)
    with pytest.raises(DrillError, match=f"{sound} cannot be read .Permission denied."):
        inventory.take(repository, now=NOW)
