"""GNU tar: how it is called here, and what it means by what it says.

Whatever tar has to say is taken seriously, also where its exit status is 0: an attribute that it could not set, or a
name that it made harmless, is one line on stderr and nothing more.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from backup_scripts import programs
from backup_scripts.contract import Failed, Refused, ScriptError
from backup_scripts.programs import Finished, Hearing
from backup_scripts.repository import ANOTHER, writing_to

COMPRESSIONS = {"zstd": (".tar.zst", ("zstd", "-T0", "-q")), "gzip": (".tar.gz", ("gzip",))}
# Access control lists are extended attributes, too. With --acls they would be stored twice, and set for every file.
KEEPING = ("--numeric-owner", "--xattrs", "--xattrs-include=*")
CREATE = (
    "tar",
    "--create",
    "--format=posix",
    "--pax-option=delete=atime,delete=ctime",  # neither comes back, and both would be written for every file
    "--sparse",
    "--blocking-factor=128",  # records of 64 KiB: those of 10 KiB that are usual are six times the system calls
    *KEEPING,
    "--quoting-style=escape",
    "--verbose",
    "--verbose",
    "--totals",
    "--warning=no-new-dir",
    "--warning=no-rename-directory",
)
EXTRACT = (
    "tar",
    "--extract",
    "--incremental",
    "--file=-",
    "--blocking-factor=2048",
    "--read-full-records",
    "--preserve-permissions",
    "--delay-directory-restore",
    "--warning=no-timestamp",  # a clock that is behind, or was, says nothing about a file
    *KEEPING,
    "--quoting-style=escape",
)
AGAIN = "no backup was made; put that right and run it again"
CHANGED = re.compile(r"(?P<path>.+): (?:file changed as we read it|File shrank by \d+ bytes?; padding with zeros)")
VANISHED = re.compile(r".+: (?:File removed before we read it|Directory removed before we read it|socket ignored)")
TOTAL = re.compile(r"Total bytes written: (\d+) .*")
SUMMARY = re.compile(r"tar: (?:Exiting with failure status due to previous errors|.*: Warning: .*)")
# What tar does where an archive would lead it out of its directory, or through a link that the archive made.
UNSAFE = ("Removing leading", "Member name contains '..'", "contains '..'", "Not a directory", "Cannot hard link to")
LOST = ("Cannot set '", "Cannot change")
ESCAPE = re.compile(rb"\\([0-7]{3}|[abfnrtv\\])")
ESCAPED = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v", b"\\": b"\\"}


class Written:
    """What tar put into an archive.

    Attributes:
        entries: how many.
        owners: user and group of each, as 1000:1000.
        changed: what was written to while it was read: bytes, seen from the source.
        bytes: of the archive before it was compressed.
    """

    __slots__ = ("bytes", "changed", "entries", "owners")

    def __init__(self) -> None:
        self.entries = 0
        self.owners: set[str] = set()
        self.changed: list[bytes] = []
        self.bytes = 0


def compression() -> tuple[str, Sequence[str]]:
    """Return the ending of an archive's name and the program that compresses it: zstd, or gzip where it is missing."""
    return COMPRESSIONS["zstd" if shutil.which("zstd") else "gzip"]


def version() -> str:
    """Return the version of GNU tar.

    Raises:
        Failed: ``tool-missing``: there is no tar, or another one.
    """
    said = programs.run(("tar", "--version")).answer
    found = re.match(r"tar \(GNU tar\) ([\d.]+)", said)
    if found is None:
        raise Failed("tool-missing", "the tar on PATH is not GNU tar, whose incremental format is needed; install it")
    return found[1]


def create(
    archive: Path, paths: Sequence[bytes], *, source: Path, snapshot: Path | None, compress: Sequence[str]
) -> Written:
    """Write an archive of some paths below a directory.

    Args:
        archive: the file to be written.
        paths: seen from the source.
        source: the directory.
        snapshot: tar's own list of what it has seen, brought up to date; None where that is not wanted.
        compress: the program, with its options.

    Raises:
        Failed: ``source-missing``, ``source-unreadable``, ``disk-full``, ``archive-failed``, ``tool-missing``.
    """
    listed = "--no-recursion" if snapshot is None else f"--listed-incremental={snapshot}"
    names = [os.fsdecode(b"./" + path) for path in paths]
    written = Written()
    # Listed in a file, because tar writes every line by itself, and each would wake up whoever listens.
    with writing_to(archive.parent), tempfile.NamedTemporaryFile(dir=archive.parent) as listing:
        command = [*CREATE, listed, f"--index-file={listing.name}", "--file=-", f"--directory={source}", "--", *names]
        _understand(_packed(command, compress, archive), written)
        _count(listing, written)
    return written


def _packed(command: Sequence[str], compress: Sequence[str], archive: Path) -> Finished:
    """Run tar into the program that compresses; return how tar ended.

    Raises:
        Failed: ``disk-full``, ``archive-failed``: the other one did not do its work.
    """
    with archive.open("xb") as stored, programs.started(command) as reading:
        assert reading.stdin and reading.stdout
        programs.widen(reading.stdout)
        with programs.started(compress, stdin=reading.stdout, stdout=stored) as packing:
            reading.stdout.close()
            reading.stdin.close()
            hearings = Hearing(reading, aloud=False), Hearing(packing, aloud=False)
            finished, packed = hearings[0].finished(command[0]), hearings[1].finished(compress[0])
    if packed.status != 0:
        raise packed.failure("archive-failed", AGAIN)
    return finished


def _count(listing: Iterable[bytes], written: Written) -> None:
    owners: set[bytes] = set()
    for line in listing:
        if not line.startswith(b" "):  # as the lines do that go on about attributes
            written.entries += 1
            owners.add(line.split(None, 2)[1])
    written.owners = {owner.decode("ascii").replace("/", ":") for owner in owners}


def _understand(finished: Finished, written: Written) -> None:
    for line in _lines(finished):
        text = line.removeprefix("tar: ")
        if total := TOTAL.fullmatch(text):
            written.bytes = int(total[1])
        elif changed := CHANGED.fullmatch(text):
            written.changed.append(unescaped(changed["path"]).removeprefix(b"./"))
        elif not VANISHED.fullmatch(text):
            raise _failure(finished, text)
    if finished.status not in (0, 1):
        raise _failure(finished, finished.last_words)


def _failure(finished: Finished, text: str) -> Failed:
    if text.endswith(": Cannot stat: No such file or directory"):
        return Failed("source-missing", f"{text}; correct the path in the procedure, or mount what is missing")
    if text.endswith(": Permission denied"):
        return Failed("source-unreadable", f"{text}; back up as root, or as a user who may read it")
    return finished.failure("archive-failed", AGAIN)


def extraction(*, again: bool) -> list[str]:
    """Return the command that unpacks what it reads on stdin, owners too where we may give files away.

    Args:
        again: what comes was read once more. It is written into the files that are there, all names of which get it;
            otherwise a file is made anew, because what had two names before may be two files now.
    """
    overwriting = ["--overwrite"] if again else []
    return [*EXTRACT, *overwriting, "--same-owner" if os.geteuid() == 0 else "--no-same-owner"]


def judge_extraction(finished: Finished, archive: Path) -> ScriptError | None:
    """Say what was wrong with an extraction; None where it brought back everything.

    An archive that leads out of its target gives ``archive-unsafe``, an attribute that the file system does not keep
    ``attributes-lost``.
    """
    if unsafe := found_unsafe(finished):
        return Refused("archive-unsafe", f"{archive}: {unsafe}; {ANOTHER}")
    if lost := found_lost(finished):
        advice = "restore as root, to a file system that keeps what was lost"
        return Failed("attributes-lost", f"{archive}: {lost}; {advice}")
    if any(_lines(finished)) or finished.status != 0:
        return finished.failure("restore-failed", f"while {archive} was unpacked")
    return None


def found_unsafe(finished: Finished) -> str | None:
    """Return what tar says of an archive that leads out of its target; None where it does not."""
    return _told(finished, UNSAFE)


def found_lost(finished: Finished) -> str | None:
    """Return what tar says of an attribute that it could not set; None where it set all of them."""
    return _told(finished, LOST)


def unescaped(text: str) -> bytes:
    """Return a name as it is, from how ``--quoting-style=escape`` tells it."""
    return ESCAPE.sub(lambda found: ESCAPED.get(found[1]) or bytes([int(found[1], 8)]), text.encode())


def _told(finished: Finished, signs: Sequence[str]) -> str | None:
    said = (line.removeprefix("tar: ") for line in _lines(finished) if line.startswith("tar: "))
    return next((line for line in said if any(sign in line for sign in signs)), None)


def _lines(finished: Finished) -> Iterator[str]:
    return (line for line in finished.said.splitlines() if line.strip() and not SUMMARY.fullmatch(line))
