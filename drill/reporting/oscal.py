"""The report as OSCAL assessment results (NIST, version 1.2.1), for tools that collect evidence of many systems.

Each criterion is an observation, each control a finding. The format knows only satisfied and not: what is unproven is
not satisfied, and says that it is unproven. Identifiers follow from what they name: the same report has the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from drill.evidence.verdict import Verdict
from drill.reporting.summary import Covered, Standing, Summary

VERSION = "1.2.1"
NAMESPACE = "https://dr-drill.invalid/ns/oscal"
_EPOCH = "T00:00:00+00:00"


def oscal(summary: Summary) -> bytes:
    """Return the report as an OSCAL document."""
    return f"{json.dumps(document(summary), ensure_ascii=False, indent=2)}\n".encode()


def document(summary: Summary) -> dict[str, Any]:
    """Return the report as OSCAL's plain data."""
    span, judged = summary.span, f"{summary.span.judged_on}{_EPOCH}"
    return {
        "assessment-results": {
            "uuid": _uuid(summary, "document"),
            "metadata": {
                "title": f"Backup and recovery, {span.since} to {span.until}",
                "last-modified": judged,
                "version": summary.document.sha256[:12],
                "oscal-version": VERSION,
            },
            "import-ap": {"href": f"#{_uuid(summary, 'plan')}"},
            "results": [
                {
                    "uuid": _uuid(summary, "result"),
                    "title": f"The policy {summary.document.title}, version {summary.document.version}",
                    "description": f"{summary.verdict}: what the runs of the span proved of the policy",
                    "start": f"{span.since}{_EPOCH}",
                    "end": judged,
                    "props": [_property("verdict", str(summary.verdict))],
                    "reviewed-controls": {
                        "control-selections": [
                            {"include-controls": [{"control-id": token(each.name)} for each in summary.controls]}
                        ]
                    },
                    "observations": [_observation(summary, each) for each in summary.criteria],
                    "findings": [_finding(summary, each) for each in summary.controls],
                }
            ],
            "back-matter": {
                "resources": [
                    {
                        "uuid": _uuid(summary, "plan"),
                        "title": summary.document.title,
                        "description": f"{summary.document.file}, SHA-256 {summary.document.sha256}",
                    }
                ]
            },
        }
    }


def token(name: str) -> str:
    """Return a control's name as OSCAL writes identifiers; NIST's as its own catalogue does: ``cp-9.1``."""
    standard, _, control = name.rpartition(" ")
    plain = re.sub(r"\((\d+)\)", r".\1", control).lower()
    return plain if standard == "NIST" else re.sub(r"[^a-z0-9.]+", "-", f"{standard} {plain}".lower())


def _observation(summary: Summary, each: Standing) -> dict[str, Any]:
    evidence = [each.last_proven_run, each.worst.run if each.worst else None]
    found: dict[str, Any] = {
        "uuid": _uuid(summary, f"criterion {each.id}"),
        "title": each.id,
        "description": each.statement,
        "props": list(_properties(each)),
        "methods": ["TEST"] if each.tests else ["UNKNOWN"],
        "collected": (each.last_proven.isoformat() if each.last_proven else f"{summary.span.judged_on}{_EPOCH}"),
        "remarks": each.shows_not,
    }
    links = [
        {"href": f"runs/{run}/run.json", "description": "the run's record"} for run in dict.fromkeys(evidence) if run
    ]
    return found | ({"relevant-evidence": links} if links else {})


def _properties(each: Standing) -> Iterator[dict[str, str]]:
    yield _property("verdict", str(each.verdict))
    yield _property("objective", each.objective)
    if each.worst:
        yield _property("worst-measured", each.worst.text)
    if each.projected:
        yield _property("projected", each.projected.text)
    for procedure, size in sorted(each.unprojected.items()):
        yield _property("proven-up-to-bytes", f"{size} ({procedure})")
    yield _property("tests", str(each.tests))


def _finding(summary: Summary, each: Covered) -> dict[str, Any]:
    satisfied = each.verdict is Verdict.PROVEN
    observations = [{"observation-uuid": _uuid(summary, f"criterion {criterion}")} for criterion in each.criteria]
    reason = "pass" if satisfied else "fail" if each.verdict is Verdict.DISPROVEN else "other"
    return {
        "uuid": _uuid(summary, f"control {each.name}"),
        "title": each.name,
        "description": f"{each.title or each.name}: {each.verdict or 'served by nothing of the policy'}",
        "target": {
            "type": "objective-id",
            "target-id": token(each.name),
            "status": {"state": "satisfied" if satisfied else "not-satisfied", "reason": reason},
        },
        **({"related-observations": observations} if observations else {}),
        "remarks": " ".join(each.shows_not),
    }


def _property(name: str, value: str) -> dict[str, str]:
    return {"name": name, "ns": NAMESPACE, "value": value}


def _uuid(summary: Summary, what: str) -> str:
    """Return an identifier that follows from the policy, the span and what it is of."""
    span = f"{summary.document.sha256} {summary.span.since} {summary.span.until} {summary.span.judged_on}"
    return str(uuid5(NAMESPACE_URL, f"{NAMESPACE} {span} {what}"))
