"""What is not on the disk when it gets its name is found, and so is a name that is not."""

import subprocess
import sys

import pytest

from drill.commands import flushing
from drill.errors import DrillError

SOUND = """
import os, pathlib
def flush(place):
    descriptor = os.open(place, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
new, named = pathlib.Path("repository/.partial"), pathlib.Path("repository/backup")
new.mkdir()
(new / "file").write_text("content")
flush(new / "file")
flush(new)
new.rename(named)
flush("repository")
"""
DEFECTS = {
    'flush(new / "file")\n': "repository/.partial/file was not flushed before it became",
    "flush(new)\n": "repository/.partial was not flushed before it became",
    'flush("repository")\n': "the name ",
}


@pytest.fixture
def repository(tmp_path):
    (tmp_path / "repository").mkdir()
    return tmp_path / "repository"


def findings(repository, program, *, lost=False):
    environment = flushing.variables(repository, lost=lost)
    subprocess.run([sys.executable, "-c", program], cwd=repository.parent, env=environment, check=True)
    return flushing.findings(repository)


def test_nothing_is_wrong_with_what_is_flushed_in_its_order(repository):
    assert [] == findings(repository, SOUND)


@pytest.mark.parametrize("left_out", DEFECTS)
def test_every_flush_that_is_left_out_is_missed(repository, left_out):
    (found,) = findings(repository, SOUND.replace(left_out, ""))

    assert DEFECTS[left_out] in found


def test_what_is_written_to_after_it_was_flushed_is_not_flushed(repository):
    changed = '(new / "file").open("a").write("more")\nnew.rename(named)\n'

    assert [f"{repository}/.partial/file was not flushed before it became {repository}/backup"] == findings(
        repository, SOUND.replace("new.rename(named)\n", changed)
    )


def test_a_program_whose_flushes_are_lost_is_found(repository):
    assert 3 == len(findings(repository, SOUND, lost=True))


def test_where_nothing_was_written_down_nothing_can_be_told(repository):
    with pytest.raises(DrillError, match="nothing was written down of what got its name in"):
        flushing.findings(repository)
    with pytest.raises(DrillError, match="nothing was written down"):
        findings(repository, "import os; os.mkdir('x'); os.rename('x', 'y')")
