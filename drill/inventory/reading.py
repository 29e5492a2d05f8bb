"""What verifications have found of a repository's backups, as the record in each set tells.

It is what the verify command says of itself, no examination of ours: the catalogue shows it, and no drill goes by it.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

from msgspec import DecodeError, Meta, Struct, field
from msgspec.json import Decoder

from drill.inventory.entry import Flaw
from drill.inventory.repository import Inventory, SetInventory

RECORD = ".verification.json"
"""What the verify command leaves in a set: when it last ran, what it found right, and what wrong."""

Moment = Annotated[datetime, Meta(tz=True)]


class _Right(Struct, frozen=True):
    at: Moment


class _Wrong(Struct, frozen=True):
    at: Moment
    reason: str


class _Record(Struct, frozen=True):
    at: Moment
    backups: dict[str, _Right] = field(default_factory=dict)
    wrong: dict[str, _Wrong] = field(default_factory=dict)


_RECORD = Decoder(_Record)
_UNREADABLE = (DecodeError, UnicodeDecodeError, RecursionError)


def note(inventory: Inventory) -> None:
    """Note of every backup when it was last read and whether it held, and flag what did not."""
    for found in inventory.sets:
        _note(found, inventory.repository / found.name / RECORD)


def verified_at(home: Path) -> datetime | None:
    """Return when the verification of a set last ran; None where there is no record that says so."""
    try:
        return _RECORD.decode((home / RECORD).read_bytes()).at
    except (OSError, *_UNREADABLE):
        return None


def _note(found: SetInventory, file: Path) -> None:
    try:
        record = _RECORD.decode(file.read_bytes())
    except FileNotFoundError:
        return
    except (OSError, *_UNREADABLE) as error:
        found.flaws.append(Flaw("verification-unreadable", f"{RECORD} cannot be read ({error})"))
        return
    spoilt: set[str] = set()
    for entry in found.entries:  # what another builds on comes before it
        if wrong := record.wrong.get(entry.id):
            entry.last_read, entry.found_right = wrong.at, False
            entry.flaw("found-wrong", f"a verification found {wrong.reason} on {wrong.at:%Y-%m-%d %H:%M %Z}")
            spoilt.add(entry.id)
        elif right := record.backups.get(entry.id):
            entry.last_read, entry.found_right = right.at, True
        if entry.parent in spoilt and entry.id not in spoilt:
            entry.flaw("parent-found-wrong", f"it builds on {entry.parent}, which a verification found wrong")
            spoilt.add(entry.id)
