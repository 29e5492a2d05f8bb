"""What the source of each rehearsed backup held: kept in the repository beside the sets, in files of its own.

``<repository>/.rehearsal/record.json`` names every backup, every state that can be restored, and the SHA-256 of the
fingerprint of each; the record has a checksum of its own. Whoever notes that checksum elsewhere (``rehearse`` prints
it) also finds out when somebody has rewritten backups, fingerprints and record together.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from drill.errors import DrillError
from drill.fingerprints import Fingerprint, FingerprintError

PLACE, FILE = ".rehearsal", "record.json"
SCHEMA = 2
CHECKSUM = "record_sha256"
_NOT_WRITTEN_HERE = (ValueError, TypeError, AttributeError, KeyError, RecursionError)
"""What reading some other JSON, or none, as what was written here comes to."""


class RecordError(DrillError):
    """The record of a rehearsal is not what was written; ``altered`` is False where there is none."""

    def __init__(self, what: str, *, remedy: str, altered: bool = True) -> None:
        super().__init__(what, remedy=remedy)
        self.altered = altered


class _Plain(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class State(_Plain):
    """What the source held at a moment that can be restored.

    ``held`` names the file of its fingerprint, of which ``sha256`` is the checksum; ``answer`` is what the application
    was told when it asked its first question.
    """

    backup: str
    target: str
    held: str = Field(pattern=r"^[0-9]+\.json$")
    sha256: str
    answer: tuple[str, ...]
    source_bytes: int


class RecordedBackup(_Plain):
    """A backup as the command that took it told."""

    id: str
    kind: str
    parent: str | None
    finished: AwareDatetime
    system_identifier: str


class RecordedSet(_Plain):
    """The backups of one procedure, in the order in which they were taken."""

    procedure: str
    backups: tuple[RecordedBackup, ...]
    states: tuple[State, ...]


class Record(_Plain):
    """One rehearsal; ``left_out`` are the sets of the policy that it has not, and why; null: nobody asked for it."""

    schema_version: int = Field(SCHEMA, alias="schema")
    at: AwareDatetime
    seed: int
    scale: int
    runtime: str
    versions: Mapping[str, str]
    sets: Mapping[str, RecordedSet]
    left_out: Mapping[str, str | None]

    @classmethod
    def read(cls, repository: Path) -> Record:
        """Return a repository's record.

        Raises:
            RecordError: there is none, or it is not what was written.
        """
        file = repository / PLACE / FILE
        try:
            stated = json.loads(file.read_bytes())
            known = stated.pop(CHECKSUM)
            if stated.get("schema") != SCHEMA:
                raise RecordError(
                    f"{file} is of schema {stated.get('schema')!r}; {SCHEMA} is known",
                    remedy="read it with the dr-drill that wrote it",
                    altered=False,
                )
            if known != digest(stated):
                raise RecordError(f"{file} does not have the checksum that it names", remedy="rehearse anew")
            return cls.model_validate(stated)
        except FileNotFoundError:
            raise RecordError(
                f"{file} is not there: nobody knows what the source held", remedy="rehearse", altered=False
            ) from None
        except (OSError, *_NOT_WRITTEN_HERE) as error:
            raise RecordError(f"{file} cannot be read ({_first_line(error)})", remedy="rehearse anew") from None

    @property
    def checksum(self) -> str:
        """The checksum of all of it, to be noted elsewhere."""
        return digest(self.model_dump(mode="json", by_alias=True))

    def write(self, repository: Path) -> None:
        """Write the record; the fingerprints that it names are there already."""
        fields = self.model_dump(mode="json", by_alias=True)
        (repository / PLACE / FILE).write_text(
            json.dumps(fields | {CHECKSUM: digest(fields)}, indent=1) + "\n", "utf-8"
        )

    def of(self, set_name: str) -> RecordedSet | None:
        """Return what is on record of a set."""
        return self.sets.get(set_name)


def keep(held: Fingerprint, repository: Path, *, number: int) -> tuple[str, str]:
    """Write a fingerprint beside the record; return its file's name and checksum."""
    place = repository / PLACE
    place.mkdir(mode=0o700, exist_ok=True)
    content = json.dumps(held.to_json(), sort_keys=True).encode()
    name = f"{number:04d}.json"
    (place / name).write_bytes(content)
    return name, hashlib.sha256(content).hexdigest()


def held(state: State, repository: Path) -> Fingerprint:
    """Return what the source held in a state.

    Raises:
        RecordError: the file is gone, or is not what was written.
    """
    file = repository / PLACE / state.held
    try:
        content = file.read_bytes()
    except OSError as error:
        raise RecordError(f"{file}: {error.strerror}", remedy="rehearse anew") from None
    if hashlib.sha256(content).hexdigest() != state.sha256:
        raise RecordError(f"{file} does not have the checksum that is on record", remedy="rehearse anew")
    try:
        return Fingerprint.from_json(json.loads(content))
    except (FingerprintError, *_NOT_WRITTEN_HERE) as error:
        raise RecordError(f"{file}: {_first_line(error)}", remedy="rehearse anew") from None


def digest(fields: Mapping[str, Any]) -> str:
    """Return the checksum of a record's fields."""
    return hashlib.sha256(json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def moment(value: object) -> datetime:
    """Return the time that a manifest states.

    Raises:
        RecordError: it is none.
    """
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        raise RecordError(f"{value!r} is no time", remedy="correct the backup procedure's manifest") from None


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
