"""What the directory of one run holds, compared with what its statement says of it."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from drill.evidence import statement
from drill.evidence.envelope import EvidenceError, Signature, opened
from drill.evidence.finding import Finding, Rule
from drill.evidence.going_on import goes_on
from drill.evidence.statement import Statement

if TYPE_CHECKING:
    from securesystemslib.signer import SSlibKey

WORKERS = 2


@dataclass(frozen=True, slots=True)
class Sealed:
    """A run that has a statement; its payload's hash, and what its signatures are worth."""

    statement: Statement
    sha256: str
    signature: Signature


@dataclass(slots=True)
class Inspection:
    """What one run's directory was found to hold."""

    directory: os.DirEntry[str]
    sealed: Sealed | None = None
    findings: list[Finding] = field(default_factory=list)
    finished: bool = True
    bytes_read: int = 0


def inspect(entry: os.DirEntry[str], keys: Sequence[SSlibKey]) -> Inspection:
    """Read one run's statement, if there is one."""
    one = Inspection(entry)
    if not entry.is_dir(follow_symlinks=False) or not re.fullmatch(statement.RUN_ID, entry.name):
        one.findings.append(Finding(Rule.ADDED, entry.name, "is no directory of a run", "remove it"))
        return one
    try:
        # Asked first: a run that has ended by now has its statement by now.
        under_way = goes_on(entry.path)
        envelope = opened(_content(f"{entry.path}/{statement.NAME}"))
        one.sealed = Sealed(statement.read(envelope), envelope.sha256, envelope.judged(keys))
    except FileNotFoundError:
        one.finished = not under_way and Path(entry.path, "run.json").exists()
        return one
    except (EvidenceError, OSError) as error:
        one.findings.append(
            Finding(Rule.UNREADABLE, f"{entry.name}/{statement.NAME}", str(error), "nothing of this run counts")
        )
        return one
    one.findings += _forged(entry.name, one.sealed)
    if one.sealed.statement.link.run != entry.name:
        what = f"holds the statement of the run {one.sealed.statement.link.run}"
        one.findings.append(Finding(Rule.REORDERED, entry.name, what, "every run has its own directory"))
    return one


def compare(runs: Sequence[Inspection]) -> None:
    """Compare the files of runs with their statements.

    Reading and hashing leave the interpreter to others, and nothing else is left to do here: beside a thread that
    parses, each of them would wait for it after every file.
    """
    workers = min(WORKERS, os.cpu_count() or 1)

    def share(first: int) -> None:
        for one in runs[first::workers]:
            one.findings += _altered(one)

    with ThreadPoolExecutor(workers, thread_name_prefix="verification") as pool:
        list(pool.map(share, range(workers)))


def _altered(one: Inspection) -> Iterator[Finding]:
    assert one.sealed is not None
    run, stated = one.directory.name, one.sealed.statement.files
    found = dict(sorted(statement.entries(Path(one.directory)).items()))
    for name in sorted(stated.keys() - found.keys()):
        yield Finding(Rule.MISSING, f"{run}/{name}", "is stated and not there", "it was removed after the run")
    for name, entry in found.items():
        if name not in stated:
            yield Finding(Rule.ADDED, f"{run}/{name}", "is there and not stated", "it came after the run")
        elif not entry.is_file(follow_symlinks=False):
            yield Finding(Rule.CHANGED, f"{run}/{name}", "is no file any more", "it was replaced after the run")
        else:
            try:
                digest, size = statement.content_hash(entry.path)
            except OSError as error:
                yield Finding(Rule.UNREADABLE, f"{run}/{name}", str(error), "it cannot be compared")
                continue
            one.bytes_read += size
            if digest != stated[name]:
                yield Finding(Rule.CHANGED, f"{run}/{name}", "is not what was stated", "it was altered after the run")


def _forged(run: str, sealed: Sealed) -> Iterator[Finding]:
    if sealed.signature is Signature.FORGED:
        what = "the signature is not that of the key that it names"
        yield Finding(Rule.FORGED, f"{run}/{statement.NAME}", what, "statement or signature was altered")


def _content(path: str) -> bytes:
    """Return what is in a statement. Its path is text: path objects took a third of the time."""
    if not stat.S_ISREG(os.lstat(path).st_mode):
        raise EvidenceError("is no file", remedy="statements are files")
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - see above
        return file.readall()
