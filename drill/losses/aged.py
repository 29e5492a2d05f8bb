"""An archive that nothing but the age of a segment fills, and a disaster at a moment that nobody announces."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from drill.backups.backup import Backup
from drill.commands.runbook import Runbook
from drill.errors import DrillError
from drill.evidence.attachments import attach_json
from drill.evidence.verdict import Disproof
from drill.losses.ledger import Loss, Writer
from drill.losses.unannounced import let_pass
from drill.policy import Policy
from drill.recoveries.comparison import lost
from drill.recoveries.recovery import lose_and_recover
from drill.servers.wal_keeping import SEGMENT
from drill.stores import ClusterStore
from drill.waiting import Patience, StillWaiting, eventually

COUNTED_IN = timedelta(seconds=1)
"""PostgreSQL counts the age of a segment in whole seconds (CheckArchiveTimeout in postmaster/checkpointer.c)."""
PROCEDURE = "postgres-physical"


@dataclass(frozen=True, slots=True)
class Aged:
    """What was lost of a server whose log is archived when a segment of it is old enough.

    Attributes:
        loss: what is missing of the acknowledged writes.
        secured: how many of the writes had been archived for sure.
        limit: how old a segment may become.
        delay: how long the archiving of one took at the longest, from its end on.
    """

    loss: Loss
    secured: int
    limit: timedelta
    delay: timedelta

    @property
    def explained(self) -> timedelta:
        """How much may be lost: all that was written within the age, and while it was on its way."""
        return self.limit + COUNTED_IN + self.delay


def archived_after(policy: Policy, limit: timedelta) -> Policy:
    """Return the policy with another limit to the age of a segment that is not archived."""
    changed = policy.procedures[PROCEDURE].model_copy(update={"archive_timeout": limit})
    return policy.model_copy(update={"procedures": {**policy.procedures, PROCEDURE: changed}})


def lose_unannounced(store: ClusterStore, backup: Backup, *, writer: Writer, runbook: Runbook, seed: int) -> Aged:
    """Wait until age has had the log archived, lose the server at a random moment after that, and recover it.

    Raises:
        Disproof: age had nothing archived.
        DrillError: so much was written that it was not age that finished the segment; nothing archives because of it.
    """
    limit = store.keeping.procedure.archive_timeout
    if limit is None:
        raise DrillError(f"{store.procedure} archives nothing because of its age", remedy="give it an archive_timeout")
    secured = len(writer.ledger)
    _await_age(store)
    after = let_pass(writer, at_most=limit, seed=seed)
    delay = _delay(store)
    recovery = lose_and_recover(store, backup, backup_id=backup.id, runbook=runbook)
    aged = Aged(lost(store, writer, recovery), secured, limit, delay)
    told = {"age": limit, "after": after, "delay": delay, "lost": aged.loss.window, "explained": aged.explained}
    attach_json("archived because of its age, seconds", {name: span.total_seconds() for name, span in told.items()})
    return aged


def _await_age(store: ClusterStore) -> None:
    """Wait until the segment that is being written is archived, which nothing here finishes."""
    with store.server.connect("postgres") as connection:
        ((size,),) = connection.execute("SELECT setting::bigint FROM pg_settings WHERE name = 'wal_segment_size'")
        ((segment, before),) = connection.execute(
            "SELECT pg_walfile_name(pg_current_wal_lsn()), wal_bytes FROM pg_stat_wal"
        )
        try:
            eventually(
                f"{segment} to be archived because of its age",
                lambda: store.has_archived(connection, segment),
                Patience.WAL_ARCHIVED,
            )
        except StillWaiting as error:
            raise Disproof(str(error), remedy="see that archive_timeout reaches the server") from error
        ((after,),) = connection.execute("SELECT wal_bytes FROM pg_stat_wal")
    if after - before >= size:
        raise DrillError(
            f"{after - before} bytes of log were written, a segment holds {size}: it was not age that finished it",
            remedy="let the log be archived earlier, or write less",
        )


def _delay(store: ClusterStore) -> timedelta:
    """Return how long a segment, from its last byte on, took at the longest to be archived, or waits by now."""
    log = store.server.data / "pg_wal"
    waiting = {path.stem for path in (log / "archive_status").glob("*.ready")}
    # The program's last act is to remove the other name of what it has stored, which is a change of the file.
    archived = {
        path.name[:24]: path.stat().st_ctime for path in store.keeping.archive.iterdir() if _is_segment(path.name)
    }
    written = {
        path.name: path.stat().st_mtime
        for path in log.iterdir()
        if SEGMENT.fullmatch(path.name) and (path.name in archived or path.name in waiting)
    }
    return _longest(written, archived, now=time.time())


def _longest(written: Mapping[str, float], archived: Mapping[str, float], *, now: float) -> timedelta:
    return timedelta(seconds=max((archived.get(name, now) - at for name, at in written.items()), default=0.0))


def _is_segment(name: str) -> bool:
    """Tell whether a stored file is a whole segment: neither a part of one nor what is told of a backup in it."""
    return SEGMENT.match(name) is not None and name[24:] in ("", ".gz", ".gz.age")
