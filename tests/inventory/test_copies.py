"""3-2-1-1-0 of copies that were found: each of the five by itself."""

from dataclasses import replace

import pytest

from drill.inventory.copies import Copies, Copy

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
