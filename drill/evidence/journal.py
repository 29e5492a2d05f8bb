"""What one scenario did and measured; it travels to the run record with the scenario's report."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from drill.evidence.redaction import redacted


class Kind(StrEnum):
    """The document's four records ("Backup Records")."""

    BACKUP = "backup"
    RECOVERY = "recovery"
    TESTING = "testing"
    INCIDENT = "incident"


class Journal:
    """Collects events and measurements as plain values, so that they cross process borders."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.measurements: list[dict[str, Any]] = []

    def event(self, kind: Kind, **facts: object) -> None:
        """Note that something happened just now; text among the facts has its secrets masked."""
        plain = {name: _plain(value) for name, value in facts.items()}
        self.events.append({"kind": str(kind), "at": datetime.now(UTC).isoformat(), **plain})

    def measure(
        self,
        criterion: str,
        measured: timedelta | float,
        *,
        projected: timedelta | float | None = None,
        source_bytes: int | None = None,
        procedure: str | None = None,
        phases: Mapping[str, timedelta] = MappingProxyType({}),
    ) -> None:
        """Note a criterion's measured value, in seconds where it is a duration.

        Args:
            criterion: its id.
            measured: what this scenario saw.
            projected: what that means in production, where the drill can say.
            source_bytes: how much data it was measured on.
            procedure: whose commands took that time: times of different procedures do not belong on one line.
            phases: what the time is the sum of.
        """
        self.measurements.append(
            {
                "criterion": criterion,
                "measured": _plain(measured),
                "projected": _plain(projected),
                "source_bytes": source_bytes,
                "procedure": procedure,
                "phases": {name: took.total_seconds() for name, took in phases.items()},
            }
        )


def _plain(value: object) -> Any:
    if isinstance(value, timedelta):
        return value.total_seconds()
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return redacted(str(value))
