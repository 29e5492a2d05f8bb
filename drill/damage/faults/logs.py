"""Faults of the write-ahead log, archived and streamed."""

from __future__ import annotations

import gzip
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

from drill.damage.faults.dumps import DIFFERENT
from drill.damage.faults.fault import Fault, Injection, Scene
from drill.damage.faults.physical import NOT_RUNNING
from drill.damage.files import cut, flip, unshare
from drill.damage.wal import SEGMENT
from drill.errors import DrillError

RECORD = "archive.sha256"
SHORT = DIFFERENT | NOT_RUNNING
"""Where the archive's own record tells nothing: what was recovered lacks something, or nothing was."""


def _segments(scene: Scene) -> list[Path]:
    """Return the archived segments that a recovery of the newest backup needs, in order."""
    found = sorted((scene.home / "wal").glob(f"{SEGMENT}.gz"))
    if len(found) < 2:
        raise DrillError(f"{scene.home} has too short a log", remedy="this fault is one of archives")
    return found


def _segment(number: int, act: Callable[[Path], object], *, recorded: bool = True) -> Injection:
    """Do something to a segment; unrecorded, the archive's own record is made to fit."""

    def inject(scene: Scene) -> None:
        file = _segments(scene)[number]
        unshare(file)
        act(file)
        if not recorded:
            _record_anew(scene.home / "wal")

    return inject


def _record_anew(archive: Path) -> None:
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(archive.iterdir())
        if not path.name.startswith(".") and path.suffix != ".sha256"
    ]
    (archive / RECORD).write_text("".join(lines), "utf-8")


def _swapped(scene: Scene) -> None:
    last, before = _segments(scene)[-1], _segments(scene)[-2]
    contents = last.read_bytes(), before.read_bytes()
    before.write_bytes(contents[0])
    last.write_bytes(contents[1])
    _record_anew(scene.home / "wal")


def _blanked(file: Path) -> None:
    """Leave a segment of zeros, as a file system does that lost what it had not written."""
    file.write_bytes(gzip.compress(bytes(len(gzip.decompress(file.read_bytes())))))


def _all_lost(scene: Scene) -> None:
    shutil.rmtree(scene.home / "wal")


def _record_lost(scene: Scene) -> None:
    (scene.home / "wal" / RECORD).unlink()


def _forged_timeline(scene: Scene) -> None:
    history = scene.home / "wal" / "00000002.history.gz"
    history.write_bytes(gzip.compress(b"1\t0/1000000\tno recovery target specified\n"))
    _record_anew(scene.home / "wal")


def _streamed(act: Callable[[Path], object]) -> Injection:
    """Do something to the newest whole segment that was received, and lose what came after it.

    The one that is still being received may hold nothing that anybody would miss: it begins wherever the server last
    switched its log.
    """

    def inject(scene: Scene) -> None:
        found = sorted((scene.home / "stream").glob(f"{SEGMENT}*"))
        if not found:
            raise DrillError(f"{scene.home} has no streamed log", remedy="this fault is one of streamed logs")
        newest = next((path for path in reversed(found) if not path.suffix), found[0])
        for later in found[found.index(newest) + 1 :]:
            later.unlink()
        unshare(newest)
        act(newest)

    return inject


def _archive() -> tuple[Fault, ...]:
    name = "name:before-the-mistake"
    told = (
        ("LOG-NEWEST-LOST", "the newest segment is gone", _segment(-1, Path.unlink), {"LOG-MISSING"}),
        (
            "LOG-MIDDLE-LOST",
            "a segment before the last is gone",
            _segment(-2, Path.unlink),
            {"LOG-MISSING", "LOG-HOLE"},
        ),
        (
            "LOG-MIDDLE-FORGOTTEN",
            "a segment is gone, and its line in the record too",
            _segment(-2, Path.unlink, recorded=False),
            {"LOG-HOLE"},
        ),
        ("LOG-CUT", "a segment was cut off", _segment(-1, cut), {"LOG-CHECKSUM-DIFFERS"}),
        ("LOG-BIT", "a bit of a segment has flipped", _segment(-1, flip), {"LOG-CHECKSUM-DIFFERS"}),
    )
    short = (
        (
            "LOG-NEWEST-NEVER-ARCHIVED",
            "the end of the log was never archived",
            _segment(-1, Path.unlink, recorded=False),
        ),
        ("LOG-CUT-AT-ONCE", "a segment was cut off before it was recorded", _segment(-1, cut, recorded=False)),
        ("LOG-BLANK", "a segment holds nothing but zeros", _segment(-1, _blanked, recorded=False)),
        ("LOG-SWAPPED", "two servers archive into one set, and one overwrote the other", _swapped),
        ("LOG-FORGED-TIMELINE", "the history of another timeline lies in the archive", _forged_timeline),
    )
    return (
        *(Fault(fault, "log", what, inject, SHORT | found) for fault, what, inject, found in told),
        *(Fault(fault, "log", what, inject, SHORT) for fault, what, inject in short),
        Fault("LOG-RECORD-LOST", "log", "the archive's record is gone", _record_lost, frozenset({"LOG-UNRECORDED"})),
        Fault("LOG-ALL-LOST", "log", "the archive was never copied", _all_lost, SHORT, moment=name),
    )


def _stream() -> tuple[Fault, ...]:
    said = (
        ("STREAM-NEWEST-LOST", "the receiver died before the end of the log", _streamed(Path.unlink)),
        ("STREAM-CUT", "the receiver's disk was full", _streamed(cut)),
    )
    return tuple(Fault(fault, "stream", what, inject, SHORT) for fault, what, inject in said)


FAULTS = (*_archive(), *_stream())
