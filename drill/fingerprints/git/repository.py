"""The fingerprint of a git repository.

The id of an object is the hash of its content, so that equal ids are equal contents, where git has checked that each
object is what its id says. That is done first.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from drill.fingerprints.content import Census
from drill.fingerprints.fingerprint import Fingerprint, FingerprintError

ENGINE = "git"
LARGE = "lfs/objects"
ALONE = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C"}
"""git without the settings of whoever runs the drill."""
PROMISOR = re.compile(r"^remote\.(.+)\.promisor=true$", re.MULTILINE)


def fingerprint(repository: Path) -> Fingerprint:
    """Return what a bare repository holds.

    Raises:
        FingerprintError: it is not whole, or is none.
    """
    ask(repository, "fsck", "--full", "--no-dangling", "--no-progress")
    facts = {"HEAD": ask(repository, "symbolic-ref", "HEAD").strip()}
    for line in ask(repository, "for-each-ref", "--format=%(refname) %(objecttype) %(objectname)").splitlines():
        name, told = line.split(" ", 1)
        facts[f"ref {name}"] = told
    objects, large = Census(), Census()
    objects.add_all(_rows(_objects(repository)), named=str)
    large.add_all(_rows(_large(repository)), named=str)
    contents = {"objects": objects.content, "large files": large.content}
    return Fingerprint(ENGINE, facts, {where: content for where, content in contents.items() if content.rows})


def borrows_from(repository: Path) -> str | None:
    """Return where a repository finds objects that it does not hold itself; None where it holds all that it shows.

    It may name the directories of others (gitrepository-layout, "objects/info/alternates"), or be a partial clone,
    which fetches what it lacks when somebody asks for it. As long as these are there, it passes for a whole one.
    """
    alternates = repository / "objects/info/alternates"
    lines = alternates.read_text("utf-8", "replace").splitlines() if alternates.is_file() else []
    promised = PROMISOR.findall(ask(repository, "config", "--list"))
    return next(iter([*lines, *(f"remote {name}, as a partial clone" for name in promised)]), None)


def ask(repository: Path, *words: str, feed: str = "") -> str:
    """Return what git answers about a repository.

    Raises:
        FingerprintError: it cannot.
    """
    command = ["git", f"--git-dir={repository}", *words]
    environment = {**ALONE, "PATH": os.environ.get("PATH", os.defpath)}
    done = subprocess.run(command, env=environment, input=feed, capture_output=True, text=True, check=False)
    if done.returncode:
        raise FingerprintError(
            f"git {words[0]} of {repository} ended with {done.returncode}: {done.stderr.strip()[-300:]}",
            remedy="see what the restore command said",
        )
    return done.stdout


def _objects(repository: Path) -> Iterator[str]:
    listed = ask(repository, "rev-list", "--objects", "--no-object-names", "--all")
    told = ask(repository, "cat-file", "--batch-check=%(objecttype) %(objectname) %(objectsize)", feed=listed)
    return iter(told.splitlines())


def _large(repository: Path) -> Iterator[str]:
    for path in sorted((repository / LARGE).rglob("*")):
        if path.is_file():
            yield f"{path.name}: SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()}"


def _rows(told: Iterable[str]) -> Iterator[tuple[str, int, int, None]]:
    for each in told:
        digest = int.from_bytes(hashlib.blake2b(each.encode(), digest_size=16).digest(), "big")
        yield each, digest >> 64, digest, None
