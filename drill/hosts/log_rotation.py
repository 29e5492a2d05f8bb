"""The daily rotation of a host's logs, by logrotate and by the rules and the timetable that the host itself has."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from itertools import count
from pathlib import Path

from cronsim import CronSim

from drill.commands.search_path import system_path
from drill.datasets.host.system import LOG, REOPENING, ROTATION, ROTATION_TIMES
from drill.errors import DrillError

PROGRAM = "logrotate"
BY_NAME = "by name alone: logrotate is not installed here"

_ENTRY = re.compile(rf"^((?:\S+ ){{5}})root \S*{PROGRAM}\b", re.MULTILINE)
_PLACE = re.compile(r"(?<!\S)/(?=(?:run|var/log)/)")
"""Where a path of the rules begins."""
_LAST_RUN = re.compile(r"\d+-\d+-\d+-\d+:\d+:\d+$", re.MULTILINE)
_STAMP = "%Y-%m-%d-%H:%M:%S"


def rotate(root: Path) -> str:
    """Rotate the logs of a host as if a day had passed; return what has done it.

    Without logrotate the log is given its next name, which is what logrotate does first, and its writer is told.

    Raises:
        DrillError: logrotate refuses the host's rules.
    """
    if _program() is None:
        free = next(number for number in count(1) if not (root / f"{LOG}.{number}").exists())
        (root / LOG).rename(root / f"{LOG}.{free}")
        (root / REOPENING).touch()
        return BY_NAME
    return rotate_by_rules(root)


def rotate_by_rules(root: Path) -> str:
    """Rotate the logs of a host as if a day had passed, by its own rules and no other way; return what logrotate said.

    Raises:
        DrillError: logrotate is not installed, or refuses the host's rules.
    """
    with tempfile.TemporaryDirectory(prefix="rotation-") as name:
        return _run(root, Path(name) / "state", ["--force"])


def rotate_if_due(root: Path, state: Path, *, after: timedelta) -> bool:
    """Let logrotate decide by the host's rules, as its cron does; return whether the log was rotated.

    Args:
        root: of the host.
        state: the file in which logrotate notes when it rotated what; of the first run it makes one and rotates
            nothing.
        after: how long after the run before this is. Its notes are put back by that: it has no clock of its own.

    Raises:
        DrillError: logrotate is not installed, or refuses the host's rules.
    """
    if state.exists():
        noted = _LAST_RUN.sub(lambda found: _earlier(found[0], by=after), state.read_text("utf-8"))
        state.write_text(noted, "utf-8")
    before = _written(root)
    _run(root, state, [])
    return before > 0 and _written(root) == 0


def due(root: Path, *, since: datetime, until: datetime, zone: tzinfo | None) -> list[datetime]:
    """Return when the host's own timetable has its logs rotated, after one moment and up to another, in its zone."""
    file = root / ROTATION_TIMES
    text = file.read_text("utf-8") if file.exists() else ""
    found: set[datetime] = set()
    for entry in _ENTRY.finditer(text):
        for moment in CronSim(entry[1].strip(), since.astimezone(zone)):
            if moment > until:
                break
            found.add(moment)
    return sorted(found)


def _program() -> str | None:
    return shutil.which(PROGRAM, path=system_path())


def _run(root: Path, state: Path, options: Sequence[str]) -> str:
    program = _program()
    if program is None:
        raise DrillError(f"{PROGRAM} is not installed here", remedy=f"run: apt-get install {PROGRAM}")
    with tempfile.TemporaryDirectory(prefix="rotation-") as name:
        rules = Path(name) / "rules"
        # What is "/" to the host lies somewhere else on this machine.
        rules.write_text(_PLACE.sub(f"{root}/", (root / ROTATION).read_text("utf-8")), "utf-8")
        rules.chmod(0o600)
        command = [program, *options, "--verbose", f"--state={state}", str(rules)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = done.stderr.strip()[-400:]
        raise DrillError(f"{PROGRAM} ended with {done.returncode}: {said}", remedy=f"correct {ROTATION} of the host")
    return done.stderr


def _written(root: Path) -> int:
    """Return how many bytes the log holds; a rotation has left it empty, or nothing under its name."""
    log = root / LOG
    return log.stat().st_size if log.exists() else 0


def _earlier(stamp: str, *, by: timedelta) -> str:
    moment = datetime.strptime(stamp, _STAMP) - by  # noqa: DTZ007 - local to logrotate, and only moved
    return moment.strftime(_STAMP)
