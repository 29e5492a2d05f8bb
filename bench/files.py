"""What keeping files costs beside the plain programs: tar and zstd, sha256sum on every processor."""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
import tempfile
from pathlib import Path

from bench.laboratory import run
from bench.measurement import Measurement, alternating, ratio, seconds, spread
from drill.fingerprints.files import fingerprint

FILES = 50_000
ROUND_TRIP_LIMIT, FINGERPRINT_LIMIT, INCREMENT_LIMIT = 1.2, 1.5, 15.0
PER_DIRECTORY = 500
CHANGED = 100
"""One file in so many has changed when an increment is taken."""
PLAIN = """
tar -cf - -C "$BACKUP_SOURCE" home | zstd -T0 -q -o "$PACKED"
mkdir "$BACK"
zstd -dcq "$PACKED" | tar -xf - -C "$BACK"
"""
SUMS = 'cd "$BACKUP_SOURCE" && find home -type f -print0 | xargs -0 -n 500 -P "$(nproc)" sha256sum >/dev/null'


def files(*, megabytes: int, rounds: int, checkout: Path) -> list[Measurement]:
    """Measure backup and restore, fingerprint and increment of one tree, ours and the plain way in turns."""
    with tempfile.TemporaryDirectory(prefix="bench-files-") as home:
        tree = _Tree(Path(home), checkout)
        tree.fill(megabytes)
        trips = alternating(tree.ours, tree.plainly, rounds=rounds)
        read = alternating(
            lambda: seconds(lambda: fingerprint(tree.source, ["home"])), lambda: tree.shell(SUMS), rounds=rounds
        )
        full, increments = tree.increments(rounds)
    size = f"{FILES:,} files, {megabytes} MB"
    return [
        Measurement(
            what=f"backup and restore of {size} : tar | zstd and back",
            runtime="none",
            value=ratio(*trips),
            unit="×",
            limit=ROUND_TRIP_LIMIT,
            detail=f"ours {spread(trips[0])}, plainly {spread(trips[1])}, {rounds} pairs",
        ),
        Measurement(
            what=f"fingerprint of {size} : sha256sum on every processor",
            runtime="none",
            value=ratio(*read),
            unit="×",
            limit=FINGERPRINT_LIMIT,
            detail=f"ours {spread(read[0])}, sha256sum {spread(read[1])}, {rounds} pairs",
        ),
        Measurement(
            what=f"increment after 1 % of {size} has changed : full backup",
            runtime="none",
            value=100 * ratio(increments, full),
            unit="%",
            limit=INCREMENT_LIMIT,
            detail=f"increment {spread(increments)}, full {spread(full)}, {rounds} pairs",
        ),
    ]


class _Tree:
    """A tree of files, and both ways of keeping it."""

    def __init__(self, home: Path, checkout: Path) -> None:
        self._home = home
        self._checkout = checkout
        self.source = home / "source"
        self._environment = {
            "PATH": os.environ["PATH"],
            "BACKUP_REPOSITORY": str(home / "repository"),
            "BACKUP_SET": "files",
            "BACKUP_SOURCE": str(self.source),
            "RESTORE_TARGET": str(home / "target"),
            "PACKED": str(home / "packed"),
            "BACK": str(home / "back"),
        }

    def fill(self, megabytes: int) -> None:
        """Make files of one size, half of whose content packs well."""
        draw = random.Random(7)  # noqa: S311 - content, not secrets
        size = (megabytes << 20) // FILES
        for number in range(FILES):
            place = self.source / "home" / f"{number // PER_DIRECTORY:04}"
            if number % PER_DIRECTORY == 0:
                place.mkdir(parents=True)
            (place / f"{number}").write_bytes(draw.randbytes(size // 2) + bytes(size - size // 2))

    def ours(self) -> float:
        """Back up and restore with the scripts; return the seconds."""
        self._clear()

        def there_and_back() -> None:
            backup = self._script("files_archive", "home")
            self._script("files_restore", backup)

        return seconds(there_and_back)

    def plainly(self) -> float:
        """Do the same with tar and zstd."""
        self._clear()
        return self.shell(PLAIN)

    def shell(self, script: str) -> float:
        """Return how long a shell script takes."""
        return seconds(lambda: run(["sh", "-ec", script], environment=self._environment, directory=self._home))

    def increments(self, rounds: int) -> tuple[list[float], list[float]]:
        """Take full backups and, after one file in a hundred has changed, increments; return the seconds of each."""
        full, increments = [], []
        for _ in range(rounds):
            self._clear()
            full.append(seconds(lambda: self._script("files_archive", "home")))
            for path in sorted((self.source / "home").rglob("*"))[::CHANGED]:
                if path.is_file():
                    path.write_bytes(path.read_bytes()[::-1])
            increments.append(seconds(lambda: self._script("files_archive", "--incremental", "home")))
        return full, increments

    def _script(self, module: str, *arguments: str) -> str:
        command = [sys.executable, "-m", f"backup_scripts.{module}", *arguments]
        done = run(command, environment=self._environment, directory=self._checkout)
        result = json.loads(done.stdout.splitlines()[-1])
        return str(result.get("id", ""))

    def _clear(self) -> None:
        for name in ("repository", "target", "back"):
            shutil.rmtree(self._home / name, ignore_errors=True)
        (self._home / "packed").unlink(missing_ok=True)
        for name in ("repository", "target"):
            (self._home / name).mkdir()
