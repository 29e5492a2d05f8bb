"""The containers' definition on a host, judged by the compose tool itself."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

from drill.commands.search_path import search_path
from drill.errors import DrillError
from drill.evidence.verdict import Disproof

PROGRAM = "docker-compose"
DEFINITION = "srv/counting/docker-compose.yml"
RESOLVED = "srv/counting/docker-compose.resolved.yml"
"""Where a restore puts what the definition was resolved to."""


def meant(root: Path, definition: str = DEFINITION) -> str:
    """Return what the compose tool takes a host's definition for.

    Raises:
        DrillError: the tool is not installed.
        Disproof: it refuses the definition; the message ends with what it said.
    """
    program = shutil.which(PROGRAM, path=search_path())
    if program is None:
        raise DrillError(f"{PROGRAM} is not installed here", remedy=f"run: apt-get install {PROGRAM}")
    place = root / definition
    command = [program, "--file", place.name, "config"]
    # No variables of whoever drills, which would outweigh those of the host.
    environment = {"PATH": search_path(), "HOME": os.environ.get("HOME", "/")}
    done = subprocess.run(command, cwd=place.parent, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = " ".join(done.stderr.split())[-400:]
        raise Disproof(f"{PROGRAM} refuses {definition}: {said}", remedy="compare it with what was backed up")
    return done.stdout


def findings(root: Path, *, before: str) -> list[str]:
    """Return what is wrong with a restored definition and with what it was resolved to.

    Args:
        root: of the host.
        before: what the definition was taken for when it was backed up.

    Raises:
        DrillError: the tool is not installed.
        Disproof: it refuses what was restored.
    """
    return list(_findings(root, before))


def _findings(root: Path, before: str) -> Iterator[str]:
    if meant(root) != before:
        yield f"{DEFINITION} is taken for something else than before"
    resolved = root / RESOLVED
    if not resolved.is_file():
        yield f"{RESOLVED} is not there"
        return
    if resolved.read_text("utf-8") != before:
        yield f"{RESOLVED} is not what the definition was taken for"
    if stat.S_IMODE(resolved.stat().st_mode) != stat.S_IRUSR | stat.S_IWUSR:
        yield f"{RESOLVED} is open to others than its owner"
    if meant(root, RESOLVED) != before:
        yield f"{RESOLVED} is taken for something else than before"
