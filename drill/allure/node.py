"""Programs for Node, pinned by a lock file: found or installed once, and used offline from then on."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from drill.errors import DrillError

INSTALL = "install Node 20 or newer (pip install 'dr-drill[allure]', or Debian: apt-get install nodejs npm)"
LOCKED = ("package.json", "package-lock.json")
LONGEST_REASON = 500


def search_path() -> str:
    """Return where programs are looked for: beside this Python, where wheels put them, and then on PATH."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])


def program(name: str) -> str:
    """Return where a program of Node's is.

    Raises:
        DrillError: it is not installed.
    """
    found = shutil.which(name, path=search_path())
    if found is None:
        raise DrillError(f"{name} is not installed", remedy=INSTALL)
    return found


def installed(manifest: Path) -> Path:
    """Return a directory in which what a lock file names is installed; it is fetched where it is not there yet.

    Args:
        manifest: holds package.json and package-lock.json.

    Raises:
        DrillError: there is no Node, or it could not be fetched.
    """
    program("node")
    digest = hashlib.sha256(b"".join((manifest / name).read_bytes() for name in LOCKED)).hexdigest()[:16]
    target = _cache() / f"node-{digest}"
    if (target / "node_modules").is_dir():
        return target
    npm = program("npm")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".node-", dir=target.parent) as name:
            _fetch(npm, manifest, Path(name) / "whole", target)
    except OSError as error:
        where = error.filename or target
        raise DrillError(f"{where}: {error.strerror}", remedy="make it writable, or set XDG_CACHE_HOME") from error
    return target


def _fetch(npm: str, manifest: Path, partial: Path, target: Path) -> None:
    partial.mkdir()
    for name in LOCKED:
        shutil.copy(manifest / name, partial)
    done = run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress"], directory=partial)
    if done.returncode:
        said = done.stderr.strip()[-LONGEST_REASON:]
        raise DrillError(f"npm could not fetch what {manifest / LOCKED[1]} names: {said}", remedy="try again online")
    try:
        partial.rename(target)
    except OSError:
        # Somebody else was faster, with the same content.
        if not (target / "node_modules").is_dir():
            raise


def run(command: list[str], *, directory: Path) -> subprocess.CompletedProcess[str]:
    """Run a program of Node's; what it calls by name is found where this module finds it."""
    environment = {**os.environ, "PATH": search_path()}
    return subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=False)


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "dr-drill"
