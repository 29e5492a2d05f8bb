"""A rehearsal: every configured backup procedure run on a disposable estate, and what that held, on record."""

from drill.rehearsal.record import PLACE, Record, RecordedBackup, RecordedSet, RecordError, State
from drill.rehearsal.rehearsal import rehearse
from drill.rehearsal.sources import Sources, obstacle

__all__ = [
    "PLACE",
    "Record",
    "RecordError",
    "RecordedBackup",
    "RecordedSet",
    "Sources",
    "State",
    "obstacle",
    "rehearse",
]
