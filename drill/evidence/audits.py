"""The monthly reports that lie beside the runs: each is an audit of its month's backups against the policy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Literal

from msgspec import DecodeError, Struct
from msgspec.json import Decoder

FOLDER = "monthly"
"""Where reports are written to, below the directory of reports."""
_LONGEST_MONTH = timedelta(days=31)


class _Span(Struct):
    since: date
    until: date
    judged_on: date


class _Report(Struct):
    schema_version: Literal[1]
    span: _Span


_REPORT = Decoder(_Report)


def audits(reports: Path) -> list[datetime]:
    """Return the ends of the months of which there is a report, the first of them first.

    A report that was made before its month was over, that is about other days than its name says, or that cannot be
    read is no audit of the month.
    """
    return sorted(_ends(reports / FOLDER))


def _ends(folder: Path) -> Iterator[datetime]:
    for path in folder.glob("dr-drill-????-??.json"):
        try:
            span = _REPORT.decode(path.read_bytes()).span
        except (OSError, DecodeError, UnicodeDecodeError, RecursionError):
            continue
        end = (span.since.replace(day=1) + _LONGEST_MONTH).replace(day=1)
        whole = span.since.day == 1 and span.until == span.judged_on == end
        if whole and path.name == f"dr-drill-{span.since:%Y-%m}.json":
            yield datetime.combine(end, time(), UTC)
