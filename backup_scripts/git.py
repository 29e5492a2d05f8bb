"""git, called so that nothing of the user's own settings changes what it does."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from backup_scripts import programs
from backup_scripts.programs import Finished

ENGINE = "git"
MIRROR = "mirror.git"
REFS = "refs.txt"
LFS_OBJECTS = "lfs/objects"
# What Git LFS keeps in the place of a large file (its specification, version 1), as cat-file shows it: a blob that only
# quotes such a text further down stands for no file.
LFS_POINTER = re.compile(
    r"^[0-9a-f]{40,64} blob \d+\nversion https://git-lfs\.github\.com/spec/v1\n(?:ext-.*\n)*oid sha256:([0-9a-f]{64})$",
    re.MULTILINE,
)
PLAIN: Mapping[str, str] = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_TERMINAL_PROMPT": "0"}

# A repository that is at hand holds all that it is asked for. What it says to fetch missing objects with is a program.
AT_HAND: Mapping[str, str] = {**PLAIN, "GIT_ALLOW_PROTOCOL": "", "GIT_NO_LAZY_FETCH": "1"}


def run(*words: str, repository: Path | None = None, feed: str = "") -> Finished:
    """Run git, in a repository if one is given."""
    place: Sequence[str] = () if repository is None else (f"--git-dir={repository}",)
    settings = PLAIN if repository is None else AT_HAND
    return programs.run(["git", *place, *words], settings=settings, feed=feed, aloud=False)


def refs(repository: Path) -> str:
    """Return every ref with the object that it names, and what HEAD stands for, a line each."""
    head = run("symbolic-ref", "HEAD", repository=repository).answer.strip()
    listed = _read(repository, "for-each-ref", "--format=%(objectname) %(refname)")
    return f"{head} HEAD\n{listed}"


def check(repository: Path) -> Finished:
    """Check every object and that all that a ref needs is there."""
    return run("fsck", "--full", "--strict", "--no-dangling", "--no-progress", repository=repository)


def large_files(repository: Path) -> set[str]:
    """Return the SHA-256 of every large file that a pointer in any commit stands for.

    Raises:
        Failed: ``source-corrupt``: git cannot read its objects.
    """
    listed = _read(repository, "rev-list", "--objects", "--all", "--filter=blob:limit=1k", "--no-object-names")
    sizes = _read(repository, "cat-file", "--batch-check=%(objecttype) %(objectname)", feed=listed)
    small = [words[1] for line in sizes.splitlines() if (words := line.split())[0] == "blob"]
    return set(LFS_POINTER.findall(_read(repository, "cat-file", "--batch", feed="\n".join(small))))


def _read(repository: Path, *words: str, feed: str = "") -> str:
    finished = run(*words, repository=repository, feed=feed)
    if finished.status != 0:
        raise finished.failure("source-corrupt", f"repair {repository} from another clone, and run it again")
    return finished.answer


def large_file(repository: Path, sha256: str) -> Path:
    """Return where Git LFS keeps a large file."""
    return repository / LFS_OBJECTS / sha256[:2] / sha256[2:4] / sha256
