"""3-2-1-1-0 of copies that were found: each of the five by itself."""

import json
from dataclasses import replace

import pytest

from drill.backups.catalogue import MANIFEST, contents
from drill.inventory.copies import Copies, Copy, altered, another
from tests.repositories import written

PRODUCTION = Copy("production", None, off_site=False, errors=())
HERE = Copy("repository", "device 1", off_site=False, errors=())
THERE = Copy("other site", "object storage", off_site=True, errors=(), weaknesses=())
ALTERED = ("checksum-differs: dump",)


def findings(*found):
    return Copies(found).findings


def test_enough_copies_of_every_kind():
    assert [] == findings(PRODUCTION, HERE, THERE)


@pytest.mark.parametrize(
    ("found", "broken"),
    [
        ((PRODUCTION, HERE, replace(THERE, storage="device 1")), ["two kinds of storage"]),
        ((PRODUCTION, HERE, replace(THERE, off_site=False)), ["one off-site"]),
        ((PRODUCTION, HERE, replace(THERE, weaknesses=("it was removed for good",))), ["one that cannot be altered"]),
        ((PRODUCTION, HERE, replace(THERE, weaknesses=None)), ["one that cannot be altered"]),
        ((HERE, THERE), ["three copies"]),
        ((PRODUCTION, HERE, THERE, replace(HERE, errors=ALTERED)), ["none with errors"]),
        ((replace(PRODUCTION, errors=ALTERED), HERE, THERE), ["three copies", "none with errors"]),
    ],
)
def test_each_of_the_five_is_missed_by_itself(found, broken):
    assert broken == findings(*found)


def test_a_locked_copy_off_site_that_is_not_whole_is_none():
    found = Copies((PRODUCTION, HERE, replace(THERE, errors=ALTERED)))

    assert list(found.holding) == found.findings


def test_without_a_backup_nothing_holds():
    assert 5 == len(findings(PRODUCTION))


@pytest.fixture
def copy(tmp_path):
    """Every file of a copy by its path, the manifest among them."""
    return contents(written(tmp_path / "redis").directory)


def wrong(copy):
    return list(altered(copy[MANIFEST], copy, copy.__getitem__))


def test_a_copy_that_is_what_its_manifest_says(copy):
    assert [] == wrong(copy)


def test_a_file_that_was_altered_at_the_far_end(copy):
    assert ["checksum-differs: small"] == wrong(copy | {"small": b"smell"})


def test_a_file_that_is_missing_at_the_far_end(copy):
    del copy["small"]

    assert ["file-missing: small"] == wrong(copy)


def test_a_manifest_that_was_altered_at_the_far_end(copy):
    claimed = json.loads(copy[MANIFEST]) | {"manifest_sha256": 64 * "0"}

    assert ["manifest-altered: it does not have the checksum that it names"] == wrong(
        copy | {MANIFEST: json.dumps(claimed).encode()}
    )


def test_a_manifest_that_is_none(copy):
    (found,) = wrong(copy | {MANIFEST: b"{}"})

    assert found.startswith("manifest-invalid")


def test_a_copy_of_another_backup_than_the_one_kept_here(tmp_path):
    kept = written(tmp_path / "redis").directory
    text = (kept / MANIFEST).read_bytes()

    assert [] == list(another(text, kept / MANIFEST)) == list(another(text, tmp_path / "gone"))
    assert 1 == len(list(another(text + b" ", kept / MANIFEST)))
