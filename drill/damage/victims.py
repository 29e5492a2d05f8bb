"""Which set of a rehearsed repository a kind of fault befalls: by what it holds, whatever it is called."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from drill.policy import Procedure
from drill.rehearsal import RecordedSet

DUMP, PHYSICAL, LOG, STREAM, SNAPSHOT, APPEND_ONLY = "dump", "physical", "log", "stream", "snapshot", "append-only"
ARCHIVE, MIRROR, MACHINE = "archive", "mirror", "machine"
CHAIN = "chain"
ON_ANY = SNAPSHOT
"""What is the same for every kind of backup is tried on the one that is restored fastest."""
PREFERRED = "home"
"""Where several sets of files could be hit, it is the one that keeps this: users have files of every sort."""


def kinds_of(procedure: Procedure, recorded: RecordedSet) -> Iterable[str]:
    """Return the kinds of faults that can befall a set."""
    if procedure.engine == "postgres" and procedure.fetch is None:
        yield DUMP
    elif procedure.engine == "postgres":
        yield PHYSICAL
        yield from [CHAIN] if any(backup.parent for backup in recorded.backups) else []
        yield from [LOG] if procedure.archive else []
        yield from [STREAM] if procedure.receive else []
    elif procedure.engine == "redis":
        yield from {SNAPSHOT if backup.kind == "snapshot" else APPEND_ONLY for backup in recorded.backups}
    elif procedure.engine == "files":
        yield ARCHIVE
    elif procedure.engine == "git":
        yield MIRROR
    elif procedure.engine == "machine":
        yield MACHINE


def keeps(procedure: Procedure, path: str) -> bool:
    """Tell whether a procedure has to keep a path, seen from the root of its host."""
    return any(PurePosixPath(path).is_relative_to(scope) for scope in procedure.covers)
