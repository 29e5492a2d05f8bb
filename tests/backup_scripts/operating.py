"""Running the scripts as an operator does, and looking at what they leave behind."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
NOBODYS_PORT = "1"
NOBODY = 65534
AS_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")


@dataclass(frozen=True)
class Ran:
    """How a script ended."""

    status: int
    output: str
    said: str

    @property
    def result(self) -> dict:
        return json.loads(self.output.splitlines()[-1])

    @property
    def slug(self) -> str | None:
        errors = [line for line in self.said.splitlines() if line.startswith("error: ")]
        return errors[-1].split(": ")[1] if errors else None


@dataclass(frozen=True)
class Scripts:
    """The scripts, pointed at one set of one repository; `wrap` runs them under another program.

    `options` are given to a module before all others: here the compression that every server has, so that a test can
    name the files. `checkout` is where they lie, `python` what runs them.
    """

    repository: Path
    environment: Mapping[str, str]
    set: str = "shop"
    wrap: Sequence[str] = field(default=())
    options: Mapping[str, Sequence[str]] = field(default_factory=lambda: {"postgres_basebackup": ["--compress=gzip:1"]})
    checkout: Path = CHECKOUT
    python: str = sys.executable

    @property
    def home(self) -> Path:
        return self.repository / self.set

    def on(self, environment: Mapping[str, str]) -> Scripts:
        return replace(self, environment={**self.environment, **environment})

    def under(self, *wrap: str) -> Scripts:
        return replace(self, wrap=wrap)

    def as_nobody(self) -> Scripts:
        """The scripts as an ordinary user, from a copy that everybody may read, as the checkout may not be."""
        copy = self.repository.with_name(f"{self.repository.name}-scripts")
        shutil.copytree(
            CHECKOUT / "backup_scripts", copy / "backup_scripts", ignore=shutil.ignore_patterns("__pycache__")
        )
        subprocess.run(["chmod", "-R", "u=rwX,go=rX", str(copy)], check=True)
        return replace(self, wrap=AS_NOBODY, checkout=copy, python=_python_of_everybody())

    @property
    def variables(self) -> dict[str, str]:
        """The whole environment of a script."""
        contract = {"BACKUP_REPOSITORY": str(self.repository), "BACKUP_SET": self.set}
        return {"PATH": os.environ["PATH"], **contract, **self.environment}

    def start(self, module: str, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self.wrap, self.python, "-m", f"backup_scripts.{module}", *self.options.get(module, ()), *arguments],
            cwd=self.checkout,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, module: str, *arguments: str) -> Ran:
        with self.start(module, *arguments) as process:
            return ended(process)

    def done(self, module: str, *arguments: str) -> dict:
        ran = self.run(module, *arguments)
        assert 0 == ran.status, ran.said
        return ran.result

    def in_sight(self) -> list[str]:
        """What an operator sees in the set: everything but the lock."""
        return sorted(path.name for path in self.home.iterdir() if path.name != ".lock") if self.home.exists() else []


@dataclass(frozen=True)
class Taken:
    """Backups that were taken once, for tests to copy; `made` is what each script has said of its own."""

    repository: Path
    made: Mapping[str, dict]

    @classmethod
    def by(cls, *modules: str, of: Mapping[str, str], below: Path) -> Taken:
        """Run each script once; the repository lies below a directory."""
        repository = below / "repository"
        repository.mkdir(mode=0o700)
        scripts = Scripts(repository, of)
        return cls(repository, {module: scripts.done(module) for module in modules})

    def copied(self, scripts: Scripts) -> Mapping[str, dict]:
        """Put copies into the scripts' own repository."""
        shutil.copytree(self.repository, scripts.repository, dirs_exist_ok=True)
        return self.made


@contextlib.contextmanager
def mounted(place: Path, options: str, *, kind: str = "tmpfs") -> Iterator[None]:
    """Have a file system of its own in a place; only root may."""
    subprocess.run(["mount", "-t", kind, "-o", options, kind, str(place)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


def _python_of_everybody() -> str:
    """An interpreter that nobody may run; the scripts need no library for what nobody does."""
    for python in (sys.executable, "/usr/bin/python3"):
        command = [*AS_NOBODY, "sh", "-c", 'cd / && exec "$0" -c "import tomllib"', python]
        if subprocess.run(command, check=False, capture_output=True).returncode == 0:
            return python
    pytest.skip("nobody may run any Python here that is new enough")


def ended(process: subprocess.Popen[str]) -> Ran:
    output, said = process.communicate(timeout=300)
    return Ran(process.returncode, output, said)


def restate(backup: Path, **changes: object) -> None:
    """Change what a manifest says, consistently."""
    file = backup / "manifest.json"
    stated = json.loads(file.read_text()) | changes
    stated.pop("manifest_sha256", None)
    file.write_text(json.dumps(stated))


def reseal(backup: Path) -> None:
    """Have a manifest describe the files as they are now, as if they had been stored so."""
    paths = sorted(path for path in backup.rglob("*") if path.is_file() and path.name != "manifest.json")
    files = [
        {
            "path": str(path.relative_to(backup)),
            "size": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in paths
    ]
    restate(backup, files=files)


def command_lines() -> list[str]:
    """The command line of every process there is."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
    return found


def replacing(program: str, script: str, *, environment: Mapping[str, str], directory: Path) -> dict[str, str]:
    """The environment with a shell script in the place of a client program; "$REAL" is the real one."""
    real = shutil.which(program, path=environment["PATH"])
    directory.mkdir(exist_ok=True)
    (directory / program).write_text(f"#!/bin/sh\nREAL='{real}'\n{script}\n")
    (directory / program).chmod(0o755)
    return {**environment, "PATH": f"{directory}:{environment['PATH']}"}
