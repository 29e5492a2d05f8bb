"""Faults of how backups are kept: manifests, retention, and rights."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from drill.backups.catalogue import MANIFEST
from drill.damage.faults.fault import Fault, Injection, Scene, restate
from drill.damage.files import cut, largest, unshare
from drill.damage.unsealed import seal

NO_BACKUP = frozenset({"MANIFEST-MISSING", "MANIFEST-INVALID", "MANIFEST-FOREIGN", "MANIFEST-ALTERED"})
GONE = frozenset({"BACKUP-LOST", "SET-LOST", "NO-BACKUPS"})
READ = frozenset({"SIZE-DIFFERS", "CHECKSUM-DIFFERS", "FILE-MISSING", "RESTORE-REFUSED"})


def _manifest(act: Callable[[Path], object]) -> Injection:
    def inject(scene: Scene) -> None:
        file = scene.last.directory / MANIFEST
        unshare(file)
        act(file)

    return inject


def _restated(*, sealed: bool = True, **facts: object) -> Injection:
    return lambda scene: restate(scene.last, facts, sealed=sealed)


def _renamed(scene: Scene) -> None:
    scene.last.directory.rename(scene.home / "20300101T000000.000000Z-snapshot")


def _pointing_outside(scene: Scene) -> None:
    restate(scene.last, {"files": [{"path": "../../../etc/passwd", "size": 1, "sha256": "0" * 64}]})


def _dated(scene: Scene, by: timedelta) -> None:
    found = scene.last.manifest
    restate(scene.last, {"started": (found.started + by).isoformat(), "finished": (found.finished + by).isoformat()})


def _without_time_zone(scene: Scene) -> None:
    found = scene.last.manifest
    times = {"started": found.started, "finished": found.finished}
    restate(scene.last, {name: time.replace(tzinfo=None).isoformat() for name, time in times.items()})


def _term_over(scene: Scene) -> None:
    restate(scene.last, {"retain_until": (scene.last.finished - timedelta(days=1)).isoformat()})


def _unlisted(scene: Scene) -> None:
    (scene.last.directory / "core.1234").write_bytes(b"left by a crash")


def _stray(scene: Scene) -> None:
    (scene.home / "dump.rdb").write_bytes(b"REDIS")


def _linked(scene: Scene) -> None:
    file = largest(scene.last)
    elsewhere = scene.repository / ".elsewhere"
    shutil.move(file, elsewhere)
    file.symlink_to(elsewhere)


def _without(*names: str) -> Callable[[Path], None]:
    def act(file: Path) -> None:
        stated = json.loads(file.read_bytes())
        for name in names:
            stated.pop(name)
        file.write_text(json.dumps(stated), "utf-8")

    return act


def _catalogue() -> tuple[Fault, ...]:
    said: tuple[tuple[str, str, Injection, frozenset[str]], ...] = (
        ("MANIFEST-LOST", "the manifest is gone", _manifest(Path.unlink), NO_BACKUP),
        ("MANIFEST-CUT", "the manifest was cut off", _manifest(cut), NO_BACKUP),
        (
            "MANIFEST-EMPTY",
            "the disk was full when the manifest was written",
            _manifest(lambda file: file.write_bytes(b"")),
            NO_BACKUP,
        ),
        ("MANIFEST-FIELD-LOST", "another tool wrote half a manifest", _manifest(_without("files")), NO_BACKUP),
        (
            "MANIFEST-EDITED",
            "somebody has edited the manifest",
            _restated(sealed=False, source_bytes=1),
            NO_BACKUP | READ,
        ),
        (
            "MANIFEST-OF-ANOTHER-SET",
            "a backup was moved in from another set",
            _restated(set="redis-of-test"),
            NO_BACKUP,
        ),
        ("MANIFEST-NEWER", "a newer version wrote it", _restated(schema=2), NO_BACKUP),
        ("MANIFEST-POINTING-OUTSIDE", "the manifest names files outside of the backup", _pointing_outside, NO_BACKUP),
        ("BACKUP-RENAMED", "its directory was renamed", _renamed, NO_BACKUP | GONE),
        (
            "BACKUP-UNLISTED-FILE",
            "a crash has left a file in it",
            _unlisted,
            frozenset({"FILE-UNLISTED", "RESTORE-REFUSED"}),
        ),
        ("SET-STRAY-FILE", "a copy by hand lies between the backups", _stray, frozenset({"STRAY"})),
        (
            "BACKUP-LINKED",
            "its file was moved to a cheaper disk, and a link left",
            _linked,
            frozenset({"LINK", "SIZE-DIFFERS"}),
        ),
        (
            "BACKUP-OF-ANOTHER-SERVER",
            "two servers back up into one set",
            lambda s: seal(s.last.directory, system_identifier="0" * 40),
            frozenset({"SOURCE-DIFFERS"}),
        ),
        (
            "BACKUP-SUM-WRONG",
            "the sizes in the manifest do not add up",
            _restated(stored_bytes=1),
            frozenset({"SUM-DIFFERS", "RESTORE-REFUSED"}),
        ),
    )
    return tuple(
        Fault(name, "catalogue", what, inject, found, quick=name == "MANIFEST-EDITED")
        for name, what, inject, found in said
    )


def _retention() -> tuple[Fault, ...]:
    dated = frozenset({"BACKUP-DIFFERS", "TIME-AHEAD", "TIME-DIFFERS"})
    said: tuple[tuple[str, str, Injection, frozenset[str]], ...] = (
        (
            "LAST-BACKUP-REMOVED",
            "an age limit removed the last backup after the job had stopped",
            lambda s: shutil.rmtree(s.last.directory),
            GONE,
        ),
        ("SET-REMOVED", "a pattern of names fitted one set more", lambda s: shutil.rmtree(s.home), GONE),
        (
            "BACKUP-EXPIRED-HALF",
            "pruning was killed, and the backup is half gone",
            lambda s: s.last.directory.rename(s.home / f".expired-{s.last.id}"),
            GONE,
        ),
        (
            "BACKUP-REDATED",
            "the time of an upload passes for that of the backup",
            lambda s: _dated(s, timedelta(days=-40)),
            dated,
        ),
        (
            "BACKUP-IN-THE-FUTURE",
            "the clock was wrong, and no age limit fits",
            lambda s: _dated(s, timedelta(days=400)),
            dated,
        ),
        (
            "BACKUP-AN-HOUR-OFF",
            "clocks were put back, and the hour that came twice was taken for the other one",
            lambda s: _dated(s, timedelta(hours=1)),
            dated,
        ),
        (
            "BACKUP-WITHOUT-TIME-ZONE",
            "its time was written as the clock on the wall shows it, and nobody knows where that is",
            _without_time_zone,
            NO_BACKUP,
        ),
        ("BACKUP-TERM-OVER", "its term is over before it began", _term_over, frozenset({"TERM-OVER-AT-ONCE"})),
    )
    return tuple(
        Fault(name, "retention", what, inject, found, quick=name == "BACKUP-REDATED")
        for name, what, inject, found in said
    )


def _opened(*, directories: int, files: int) -> Injection:
    """Have directories and files these rights, where anybody gets as far as the set."""

    def inject(scene: Scene) -> None:
        for place in (scene.home, *scene.home.rglob("*")):
            place.chmod(directories if place.is_dir() else files)

    return inject


def _rights() -> tuple[Fault, ...]:
    exposed, unguarded = frozenset({"EXPOSED"}), frozenset({"UNGUARDED"})
    readable = _opened(directories=0o755, files=0o644)
    return (
        Fault("READABLE-BY-ALL", "secrecy", "a copy was made without its rights", readable, exposed, quick=True),
        Fault(
            "WRITABLE-BY-ALL",
            "secrecy",
            "somebody ran chmod -R 777",
            _opened(directories=0o777, files=0o777),
            unguarded,
        ),
        Fault(
            "DIRECTORIES-WRITABLE",
            "secrecy",
            "another job was let in: nobody else reads a file, and everybody may put another in its place",
            _opened(directories=0o733, files=0o600),
            unguarded,
        ),
    )


FAULTS = (*_catalogue(), *_retention(), *_rights())
