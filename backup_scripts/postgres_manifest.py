"""PostgreSQL's own `backup_manifest`, as far as the scripts read it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import NamedTuple

from backup_scripts.contract import Failed

CHECKSUM = b'"Manifest-Checksum"'


class BackupManifest(NamedTuple):
    """Whose backup it is, and which write-ahead log makes it consistent."""

    system_identifier: str | None
    timeline: int
    start_lsn: str
    stop_lsn: str

    @classmethod
    def read(cls, file: Path) -> BackupManifest:
        """Read a manifest that has just been written.

        Raises:
            Failed: ``backup-incomplete``: it is cut off or altered.
        """
        try:
            text = file.read_bytes()
            fields = json.loads(text)
            checksum = hashlib.sha256(text[: text.rindex(CHECKSUM)]).hexdigest()
            ranges = fields["WAL-Ranges"]
            found = cls(
                system_identifier=str(fields["System-Identifier"]) if "System-Identifier" in fields else None,
                timeline=int(ranges[-1]["Timeline"]),
                start_lsn=str(ranges[0]["Start-LSN"]),
                stop_lsn=str(ranges[-1]["End-LSN"]),
            )
        except (OSError, ValueError, KeyError, IndexError) as error:
            raise _incomplete(file, str(error)) from None
        if fields["Manifest-Checksum"] != checksum:
            raise _incomplete(file, "its checksum does not fit")
        return found


def _incomplete(file: Path, what: str) -> Failed:
    return Failed("backup-incomplete", f"{file.name}: {what}; no backup was made; run it again")
