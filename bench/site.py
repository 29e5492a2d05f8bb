"""What the other site costs beside a bare client, and reading stored backups beside sha256sum."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from bench.measurement import Measurement, alternating, ratio, seconds, spread
from drill.commands.search_path import search_path
from drill.runtimes import Runtime
from drill.sites import Site
from drill.sites.server import SiteServer

SLOWEST = 1.25
"""Four fifths of the other one's rate."""
KEYS = ("OFFSITE_ACCESS_KEY_ID", "OFFSITE_SECRET_ACCESS_KEY")
SET, LARGE = "measured", "large"
MEBIBYTE = 1 << 20
_BARE = """
import os, sys
import boto3
from botocore.config import Config

client = boto3.session.Session().client(
    "s3",
    endpoint_url=os.environ["OFFSITE_ENDPOINT"],
    region_name="us-east-1",
    aws_access_key_id=os.environ["OFFSITE_ACCESS_KEY_ID"],
    aws_secret_access_key=os.environ["OFFSITE_SECRET_ACCESS_KEY"],
    config=Config(s3={"addressing_style": "path"}),
)
verb, file, key = sys.argv[1:]
if verb == "up":
    client.upload_file(file, os.environ["OFFSITE_BUCKET"], key)
else:
    client.download_file(os.environ["OFFSITE_BUCKET"], key, file)
"""


def site(runtime: Runtime, *, megabytes: int, rounds: int, checkout: Path) -> list[Measurement]:
    """Measure copies to the site and back, and the verification of what is stored, ours and the plain way in turns.

    Ours read back, hash and compare what they move; the bare client, boto3's own transfer, does none of it.
    """
    with ExitStack() as stack:
        server = SiteServer(runtime.workspace)
        server.start()
        stack.callback(server.discard)
        home = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-site-"))
        traffic = _Traffic(server, Path(home), checkout, megabytes)
        up = alternating(traffic.copy, lambda: traffic.bare("up"), rounds=rounds)
        down = alternating(traffic.fetch, lambda: traffic.bare("down"), rounds=rounds)
        read = alternating(traffic.verify, traffic.sha256sum, rounds=rounds)
    size = f"{megabytes} MB"
    rows = (
        (f"copy of {size} to the other site : a bare client", up, "bare client"),
        (f"fetch of {size} from the other site : a bare client", down, "bare client"),
        (f"verification of {size} of stored backups : sha256sum", read, "sha256sum"),
    )
    return [
        Measurement(
            what=what,
            runtime="none",
            value=ratio(*samples),
            unit="×",
            limit=SLOWEST,
            detail=f"ours {spread(samples[0])}, {other} {spread(samples[1])}, {rounds} pairs, one file",
        )
        for what, samples, other in rows
    ]


class _Traffic:
    """One backup with one large file, and both ways of moving and of reading it."""

    def __init__(self, server: SiteServer, home: Path, checkout: Path, megabytes: int) -> None:
        self._server, self._home, self._checkout = server, home, checkout
        self._repository = home / "repository"
        self._file = self._written(megabytes)
        self._site: Site = server.new_site()

    def copy(self) -> float:
        """Copy the backup to a new bucket."""
        self._site = self._server.new_site()
        return self._timed([sys.executable, "-m", "backup_scripts.offsite_copy"], self._repository)

    def fetch(self) -> float:
        """Fetch the backup into an empty repository, from the bucket of the last copy."""
        target = self._home / "fetched"
        shutil.rmtree(target, ignore_errors=True)
        return self._timed([sys.executable, "-m", "backup_scripts.offsite_fetch"], target)

    def bare(self, verb: str) -> float:
        """Move the same file with the client's own transfer."""
        file = self._file if verb == "up" else self._home / "bare"
        key = "bare" if verb == "up" else f"{SET}/{self._file.parent.name}/{LARGE}"
        return self._timed([sys.executable, "-c", _BARE, verb, str(file), key], self._repository)

    def verify(self) -> float:
        """Read the stored backup again; the command has the system forget it first."""
        return self._timed([sys.executable, "-m", "backup_scripts.backup_verify"], self._repository)

    def sha256sum(self) -> float:
        """Hash the same file the plain way, from the disk as well."""
        descriptor = os.open(self._file, os.O_RDONLY)
        try:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)
        return self._timed(["sha256sum", str(self._file)], self._repository)

    def _timed(self, command: list[str], repository: Path) -> float:
        account = self._site.account("backup").variables(*KEYS)
        contract = {"BACKUP_REPOSITORY": str(repository), "BACKUP_SET": SET, "PATH": search_path()}

        def run() -> None:
            done = subprocess.run(
                command, cwd=self._checkout, env={**contract, **account}, capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise RuntimeError(f"{command[:3]} failed: {done.stderr.strip()[-2000:]}")

        return seconds(run)

    def _written(self, megabytes: int) -> Path:
        now = datetime.now(UTC)
        identifier = f"{now:%Y%m%dT%H%M%S.%fZ}-full"
        place = self._repository / SET / identifier
        place.mkdir(parents=True)
        with (place / LARGE).open("wb") as file:
            for _ in range(megabytes * 1_000_000 // MEBIBYTE):
                file.write(secrets.token_bytes(MEBIBYTE))
            os.fsync(file.fileno())
        size = (place / LARGE).stat().st_size
        with (place / LARGE).open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        manifest = {
            "schema": 1,
            "id": identifier,
            "set": SET,
            "kind": "full",
            "parent": None,
            "started": now.isoformat(),
            "finished": now.isoformat(),
            "source": {},
            "tool": {"name": "bench", "version": "1"},
            "files": [{"path": LARGE, "size": size, "sha256": sha256}],
            "stored_bytes": size,
            "source_bytes": size,
            "encryption": None,
            "tier": "daily",
            "retain_until": None,
        }
        (place / "manifest.json").write_text(json.dumps(manifest), "ascii")
        return place / LARGE
