"""The record of verifications: `.verification.json` in a set, one JSON object, replaced as a whole by every run.

schema     1
at         RFC 3339 in UTC: when the last run began, whatever it found
backups    id → {at, retain_until}: when its bytes were last found to be right, and how long it is promised
wrong      id → {at, reason}: when it was last found not to be right, and the slug of what was wrong; it stands there
           until its bytes are found to be right. A record without this knows of nothing wrong.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from backup_scripts import files
from backup_scripts.contract import Refused
from backup_scripts.manifest import Manifest
from backup_scripts.repository import BackupSet, StoredBackup, writing_to

NAME = ".verification.json"
SCHEMA = 1


class Seen(NamedTuple):
    """When a backup was last found to be right, and how long it is promised; None: nobody said."""

    at: datetime
    retain_until: datetime | None


class Wrong(NamedTuple):
    """When a backup was last found not to be right, and what was wrong with it."""

    at: datetime
    reason: str


class Record(NamedTuple):
    """What is known of a set's backups from the runs before this one, and from this one."""

    home: BackupSet
    seen: dict[str, Seen]
    wrong: dict[str, Wrong]

    @classmethod
    def of(cls, home: BackupSet) -> Record:
        """Read a set's record; the first run finds none.

        Raises:
            Refused: ``record-invalid``.
        """
        file = home.directory / NAME
        if not file.exists():
            return cls(home, {}, {})
        try:
            stated = json.loads(file.read_bytes())
            return cls(home, _backups(stated), _wrong(stated))
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            advice = "look what has altered it, remove it and have backup_verify read the set again"
            raise Refused("record-invalid", f"{file} cannot be read ({error}); {advice}") from None

    @classmethod
    def if_readable(cls, home: BackupSet) -> Record:
        """Return a set's record; an empty one where it cannot be read, which backup_verify tells its owner."""
        try:
            return cls.of(home)
        except Refused:
            return cls(home, {}, {})

    def read_wrong_again(self, backups: Iterable[StoredBackup]) -> None:
        """Read every byte of those of some backups that were last found not to be right: they may be by now.

        Raises:
            Refused: as `StoredBackup.verify`.
        """
        for backup in backups:
            if backup.manifest.id in self.wrong:
                backup.verify()

    def gone(self, *, now: datetime) -> dict[str, datetime]:
        """Return id → until when it is promised of what was there once and is not any more, before its time."""
        return {
            backup_id: seen.retain_until
            for backup_id, seen in self.seen.items()
            if seen.retain_until and seen.retain_until > now and not (self.home.directory / backup_id).exists()
        }

    def longest_ago(self, backup_ids: Collection[str]) -> list[str]:
        """Return the ids in the order in which they are due: never read, the newest first; then the longest ago."""
        unread = sorted((each for each in backup_ids if each not in self.seen), reverse=True)
        return unread + sorted((each for each in backup_ids if each in self.seen), key=lambda each: self.seen[each].at)

    def note(self, backup: Manifest, *, at: datetime) -> None:
        """Note that a backup's bytes are right."""
        self.seen[backup.id] = Seen(at, backup.retain_until)
        self.wrong.pop(backup.id, None)

    def note_wrong(self, backup_id: str, reason: str, *, at: datetime) -> None:
        """Note that a backup is not right; when it last was stays on record."""
        self.wrong[backup_id] = Wrong(at, reason)

    def write(self, *, at: datetime) -> None:
        """Store the record of a run that began then; what is gone in its time is forgotten.

        Raises:
            Failed: ``disk-full``, ``repository-unwritable``.
        """
        kept = self.gone(now=at).keys() | {each for each in self.seen if (self.home.directory / each).exists()}
        stated = {
            "schema": SCHEMA,
            "at": at.isoformat(),
            "backups": {
                backup_id: {
                    "at": seen.at.isoformat(),
                    "retain_until": seen.retain_until and seen.retain_until.isoformat(),
                }
                for backup_id, seen in sorted(self.seen.items())
                if backup_id in kept
            },
            "wrong": {
                backup_id: {"at": found.at.isoformat(), "reason": found.reason}
                for backup_id, found in sorted(self.wrong.items())
                if (self.home.directory / backup_id).exists()
            },
        }
        file = self.home.directory / NAME
        partial = file.with_name(f"{NAME}.{os.getpid()}")
        with writing_to(file):
            try:
                partial.write_text(json.dumps(stated, indent=1) + "\n", "ascii")
                files.flush(partial)
                partial.replace(file)
                files.flush(self.home.directory)
            finally:
                partial.unlink(missing_ok=True)


def _backups(stated: Mapping[str, Any]) -> dict[str, Seen]:
    if stated["schema"] != SCHEMA:
        raise ValueError(f"its schema is {stated['schema']!r}, this script reads {SCHEMA}")
    return {backup_id: _seen(facts) for backup_id, facts in stated["backups"].items()}


def _wrong(stated: Mapping[str, Any]) -> dict[str, Wrong]:
    found = stated.get("wrong", {}).items()
    return {backup_id: Wrong(_aware(str(facts["at"])), str(facts["reason"])) for backup_id, facts in found}


def _seen(facts: Mapping[str, str | None]) -> Seen:
    at, until = _aware(str(facts["at"])), facts["retain_until"]
    return Seen(at, _aware(until) if until else None)


def _aware(text: str) -> datetime:
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError(f"{text!r} names no offset from UTC")
    return parsed
