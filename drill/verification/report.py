"""What a verification has come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from drill.evidence.redaction import redacted
from drill.evidence.verdict import Verdict, worst
from drill.verification.finding import Finding

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Restoration:
    """One restore of one backup to one moment.

    Attributes:
        backup: its set and id.
        target: the moment, as the contract writes it.
        compared: whether what was restored was compared with what the source held.
        touched: whether the restore got as far as the target.
        took: the restore command alone.
        findings: what was found.
    """

    backup: str
    target: str
    compared: bool
    touched: bool
    took: timedelta
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """What this restore shows."""
        return worst([Verdict.PROVEN, *(finding.severity.verdict for finding in self.findings)])


@dataclass(frozen=True, slots=True)
class Report:
    """One verification of a repository."""

    repository: Path
    at: datetime
    took: timedelta
    runtime: str
    versions: Mapping[str, str]
    read: Sequence[Finding]
    """What was found without restoring anything."""
    restorations: Sequence[Restoration]
    unasked: Sequence[str] = ()
    """The sets of the policy that are not here because whoever rehearsed asked for others: nothing is said of them."""

    @property
    def findings(self) -> list[Finding]:
        """All that was found."""
        return [*self.read, *(finding for each in self.restorations for finding in each.findings)]

    @property
    def verdict(self) -> Verdict:
        """Proven only where something was restored and nothing speaks against it."""
        restored = [each.verdict for each in self.restorations]
        found = [finding.severity.verdict for finding in self.read]
        return worst([worst(restored), *found])

    def as_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "schema": SCHEMA,
            "repository": str(self.repository),
            "at": self.at.isoformat(),
            "seconds": round(self.took.total_seconds(), 3),
            "runtime": self.runtime,
            "versions": dict(self.versions),
            "verdict": str(self.verdict),
            "not_asked_for": list(self.unasked),
            "findings": [finding_as_json(each) for each in self.findings],
            "restorations": [
                {
                    "backup": each.backup,
                    "target": each.target,
                    "compared": each.compared,
                    "seconds": round(each.took.total_seconds(), 3),
                    "verdict": str(each.verdict),
                }
                for each in self.restorations
            ],
        }


def finding_as_json(finding: Finding) -> dict[str, str]:
    """Return a finding as plain data, secrets masked."""
    facts = asdict(finding) | {"severity": str(finding.severity), "remedy": finding.remedy}
    return {name: redacted(value) for name, value in facts.items()}
