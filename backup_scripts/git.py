"""git, called so that nothing of the user's own settings changes what it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from backup_scripts import programs
from backup_scripts.programs import Finished

ENGINE = "git"
MIRROR = "mirror.git"
REFS = "refs.txt"
LFS_OBJECTS = "lfs/objects"
# The first line of what Git LFS keeps in the place of a large file (its specification, version 1).
LFS_POINTER = b"version https://git-lfs.github.com/spec/v1"
PLAIN: Mapping[str, str] = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_TERMINAL_PROMPT": "0"}


def run(*words: str, repository: Path | None = None, feed: str = "") -> Finished:
    """Run git, in a repository if one is given."""
    place: Sequence[str] = () if repository is None else (f"--git-dir={repository}",)
    return programs.run(["git", *place, *words], settings=PLAIN, feed=feed, aloud=False)


def refs(repository: Path) -> str:
    """Return every ref with the object that it names, and what HEAD stands for, a line each."""
    head = run("symbolic-ref", "HEAD", repository=repository).answer.strip()
    listed = run("for-each-ref", "--format=%(objectname) %(refname)", repository=repository).answer
    return f"{head} HEAD\n{listed}"


def check(repository: Path) -> Finished:
    """Check every object and that all that a ref needs is there."""
    return run("fsck", "--full", "--strict", "--no-dangling", "--no-progress", repository=repository)


def large_files(repository: Path) -> set[str]:
    """Return the SHA-256 of every large file that a pointer in any commit stands for."""
    listed = run("rev-list", "--objects", "--all", "--filter=blob:limit=1k", "--no-object-names", repository=repository)
    sizes = run("cat-file", "--batch-check=%(objecttype) %(objectsize) %(objectname)", repository=repository,
                feed=listed.answer)  # fmt: skip
    small = [words[2] for line in sizes.answer.splitlines() if (words := line.split())[0] == "blob"]
    told = run("cat-file", "--batch=", repository=repository, feed="\n".join(small))
    lines = told.answer.splitlines()
    pointers = (number for number, line in enumerate(lines) if line.encode() == LFS_POINTER)
    return {lines[number + 1].removeprefix("oid sha256:") for number in pointers if number + 1 < len(lines)}


def large_file(repository: Path, sha256: str) -> Path:
    """Return where Git LFS keeps a large file."""
    return repository / LFS_OBJECTS / sha256[:2] / sha256[2:4] / sha256
