"""Faults of how far the write-ahead log is replayed: too far, not far enough, or not to the end of the recovery."""

from __future__ import annotations

from drill.damage.faults.dumps import DIFFERENT
from drill.damage.faults.fault import Fault, Injection, Scene, then
from drill.damage.faults.physical import NOT_STARTED
from drill.damage.faults.starting import added, set_to
from drill.damage.victims import LOG
from drill.errors import DrillError
from drill.rehearsal.rehearsal import MOMENT, WRITES
from drill.stores import ClusterStore

BEFORE, AFTER = WRITES, WRITES - 1
"""The last write before the recorded moment, and the first one after it, counted from the newest."""
OF_THE_LOG = DIFFERENT | NOT_STARTED


def _to(target: str) -> Injection:
    """Have the restore aim elsewhere than it was told."""
    return lambda scene: scene.restore_with(lambda restore: f"RECOVERY_TARGET={target} {restore}")


def _to_write(number: int, *, inclusive: str) -> Injection:
    """Have the recovery aim at the transaction of one write, counted from the newest one, with it or without it."""

    def inject(scene: Scene) -> None:
        settings = {"recovery_target_name": "", "recovery_target_xid": _transaction(scene, number)}
        then(added({**settings, "recovery_target_inclusive": inclusive}))(scene)

    return inject


def _transaction(scene: Scene, number: int) -> str:
    if not isinstance(scene.source, ClusterStore):
        raise DrillError(f"{scene.set} is not of a server", remedy="this fault is one of write-ahead logs")
    with scene.source.server.connect(scene.source.name) as connection:
        written = connection.execute("SELECT xmin::text FROM counting.written ORDER BY number DESC").fetchall()
    return str(written[number][0])


def _faults() -> tuple[Fault, ...]:
    to_the_moment = (
        ("TARGET-TOO-EARLY", "the restore stops at the end of the backup", _to("immediate"), DIFFERENT),
        ("TARGET-TOO-LATE", "the restore replays the mistake as well", _to("end"), DIFFERENT),
        (
            "TARGET-INCLUSIVE",
            "the target was the mistake itself, and inclusive: one transaction too many is replayed",
            _to_write(AFTER, inclusive="on"),
            DIFFERENT,
        ),
        (
            "TARGET-EXCLUSIVE",
            "the target was the last transaction before the mistake, and exclusive: that one is missing",
            _to_write(BEFORE, inclusive="off"),
            DIFFERENT,
        ),
        (
            "TARGET-PAUSED",
            "the recovery pauses at its target, as it does by itself: the server answers, and takes no write",
            set_to(recovery_target_action="pause"),
            NOT_STARTED,
        ),
    )
    to_the_end = (
        (
            "TARGET-NEVER-REACHED",
            "the target lies after the last commit, and the server ends instead of recovering",
            set_to(recovery_target_time="2999-01-01 00:00:00+00"),
        ),
        (
            "LOG-UNREADABLE",
            "whoever the server runs as may not read the archive, and the recovery is short without a word",
            set_to(restore_command="false"),
        ),
    )
    return (
        *(
            Fault(name, LOG, what, inject, found, moment=f"name:{MOMENT}")
            for name, what, inject, found in to_the_moment
        ),
        *(Fault(name, LOG, what, inject, OF_THE_LOG) for name, what, inject in to_the_end),
    )


FAULTS = _faults()
