"""A mirror that somebody has made up: what would have git run a program, or look elsewhere, is not restored."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from backup_scripts import git
from drill.fingerprints.git.repository import ask
from tests.backup_scripts.operating import CHECKOUT, Scripts, reseal
from tests.backup_scripts.test_source_scripts import code, mirror, seeded

__all__ = ["code", "mirror", "seeded"]
READING = """
import sys
from pathlib import Path
from backup_scripts import git
sys.exit(git.run("cat-file", "-p", sys.argv[2], repository=Path(sys.argv[1])).status)
"""


@pytest.fixture
def witness(tmp_path: Path) -> Path:
    """What is there when a program of the mirror's own choice has run."""
    return tmp_path / "witness"


@pytest.fixture
def program(witness: Path, tmp_path: Path) -> Path:
    """That program, which then does what git expects of it."""
    place = tmp_path / "program"
    place.write_text(f'#!/bin/sh\ntouch {witness}\nexec git-upload-pack "$@"\n')
    place.chmod(0o755)
    return place


def a_hook(stored: Path, code: Path, program: Path) -> None:
    (stored / "hooks").mkdir()
    shutil.copy(program, stored / "hooks/post-update")


def objects_that_are_elsewhere(stored: Path, code: Path, program: Path) -> None:
    shutil.rmtree(stored / "objects/pack")
    (stored / "objects/info").mkdir(exist_ok=True)
    (stored / "objects/info/alternates").write_text(f"{code / 'objects'}\n")


def objects_that_are_to_be_fetched(stored: Path, code: Path, program: Path) -> None:
    """Nothing but the commits and trees is there, and a program brings the rest."""
    shutil.rmtree(stored / "objects")
    partial = stored.with_name("partial")
    ask(code, "config", "uploadpack.allowFilter", "true")
    ask(code, "clone", "--quiet", "--mirror", "--filter=blob:none", f"file://{code}", str(partial))
    shutil.move(partial / "objects", stored / "objects")
    shutil.rmtree(partial)
    told = {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.uploadpack": str(program),
        "remote.origin.url": str(code),
    }
    for setting, value in told.items():
        ask(stored, "config", setting, value)


FORGED = [a_hook, objects_that_are_elsewhere, objects_that_are_to_be_fetched]


@pytest.mark.parametrize("forged", FORGED)
def test_a_mirror_that_is_more_than_a_mirror_is_refused(
    mirror: Scripts, code: Path, program: Path, witness: Path, forged: Callable[[Path, Path, Path], None]
):
    backup = mirror.done("source_mirror")["id"]
    forged(mirror.home / backup / git.MIRROR, code, program)
    reseal(mirror.home / backup)
    ran = mirror.run("source_restore", backup)

    assert (3, "archive-unsafe") == (ran.status, ran.slug), ran.said
    assert not witness.exists()
    assert not Path(mirror.environment["RESTORE_TARGET"]).exists()


def test_git_runs_no_program_that_a_repository_names(code: Path, program: Path, witness: Path, tmp_path: Path):
    partial = shutil.copytree(code, tmp_path / "partial.git")
    objects_that_are_to_be_fetched(partial, code, program)
    blob = ask(code, "rev-parse", "main:README.md").strip()
    asked = subprocess.run([sys.executable, "-c", READING, str(partial), blob], cwd=CHECKOUT, check=False)

    assert 128 == asked.returncode
    assert not witness.exists()
