"""A repository that may not be read as a whole: a clear error, and no mirror that lacks what could not be read."""

import os
import subprocess
from pathlib import Path

import pytest

from drill.fingerprints.git.repository import ask
from tests.backup_scripts.operating import NOBODY, Scripts
from tests.backup_scripts.test_source_scripts import code, mirror, seeded

__all__ = ["code", "mirror", "seeded"]
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives up its rights")

AS_AN_OWNER = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
"""Runs a program as whom files belong to, and who may read of them what anybody may."""


def a_directory_of_refs(code: Path) -> Path:
    ask(code, "update-ref", "refs/heads/team/feature", "refs/heads/main")
    return code / "refs/heads/team"


def its_refs(code: Path) -> Path:
    return code / "refs/heads"


def an_object(code: Path) -> Path:
    return next((code / "objects").glob("??/*"))


def a_pack(code: Path) -> Path:
    return next((code / "objects/pack").glob("*.pack"))


def a_large_file(code: Path) -> Path:
    return next(path for path in (code / "lfs").rglob("*") if path.is_file())


def its_large_files(code: Path) -> Path:
    return code / "lfs/objects"


@pytest.fixture
def reading(mirror: Scripts) -> Scripts:
    """The scripts as a user whom a file's mode can keep from reading it."""
    return mirror.under(*AS_AN_OWNER)


@pytest.mark.parametrize("part", [a_directory_of_refs, its_refs, an_object, a_pack, a_large_file, its_large_files])
def test_what_may_not_be_read_fails_the_backup(reading, code, part):
    part(code).chmod(0)
    ran = reading.run("source_mirror")

    assert (1, "source-unreadable") == (ran.status, ran.slug), ran.said
    assert "Permission denied" in ran.said
    assert [] == reading.in_sight()


def test_what_may_be_read_is_backed_up_by_the_same_user(reading, code):
    a_directory_of_refs(code)

    assert 8 == reading.done("source_mirror")["source"]["refs"]


def test_a_repository_of_another_user_fails_the_backup_and_says_so(mirror, code):
    subprocess.run(["chown", "-R", str(NOBODY), code], check=True)
    ran = mirror.run("source_mirror")

    assert (1, "source-of-another") == (ran.status, ran.slug), ran.said
    assert [] == mirror.in_sight()
