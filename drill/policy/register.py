"""The register of criteria: what is promised, where the document says so, and what shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from rich.table import Table
from rich.text import Text

from drill.policy.claims import Attestation, Criterion
from drill.policy.models import Policy
from drill.policy.proofs import Proofs

WIDE = 120
"""Columns of a terminal from which on every column of the register is readable."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the register.

    ``kind`` is ``scenarios``, ``record``, ``attestation``, ``gap`` or ``nothing``; ``evidence`` says it in words.
    """

    id: str
    statement: str
    objective: str | None
    heading: str
    controls: tuple[str, ...]
    kind: str
    evidence: str
    scenarios: tuple[str, ...] = ()
    shows_not: str | None = None


def entries(policy: Policy, proofs: Proofs, *, today: date) -> list[Entry]:
    """Return the register of a policy: its criteria, then its attestations, in the order of the file."""
    return [
        *(_criterion(criterion, proofs) for criterion in policy.criteria),
        *(_attestation(attestation, today) for attestation in policy.attestations),
    ]


def table(policy: Policy, register: Sequence[Entry], *, width: int) -> Table:
    """Return the register as a table for people; a narrow one leaves heading and controls out."""
    document = policy.document
    with_scenario = sum(entry.kind == "scenarios" for entry in register)
    hint = "" if width >= WIDE else "; widen the terminal for headings and controls"
    drawn = Table(
        title=Text(f"{document.title}, version {document.version} ({document.status})"),
        caption=Text(f"{len(register)} promises, {with_scenario} with a scenario{hint}"),
        show_lines=True,
    )
    drawn.add_column("id", no_wrap=True)
    for column in ("statement", "objective", *(("heading", "controls") if width >= WIDE else ()), "evidence"):
        drawn.add_column(column, overflow="fold")
    for entry in register:
        origin = (entry.heading, "\n".join(entry.controls)) if width >= WIDE else ()
        cells = (entry.id, entry.statement, entry.objective or "attested", *origin, entry.evidence)
        drawn.add_row(*map(Text, cells))
    return drawn


def as_json(policy: Policy, register: Sequence[Entry]) -> dict[str, Any]:
    """Return the register for programs: ``{"document": {…}, "register": [{"id": …}, …]}``."""
    return {
        "policy": str(policy.file),
        "document": policy.document.model_dump(mode="json", exclude={"not_criteria"}),
        "register": [asdict(entry) for entry in register],
    }


def _criterion(criterion: Criterion, proofs: Proofs) -> Entry:
    scenarios = tuple(proofs.get(criterion.id, ()))
    if scenarios:
        kind, evidence = "scenarios", f"{len(scenarios)} scenario{'s' if len(scenarios) > 1 else ''}"
    elif criterion.decided_by:
        kind, evidence = "record", f"decided by the record: {criterion.decided_by}"
    elif criterion.gap:
        kind, evidence = "gap", f"gap: {criterion.gap}"
    else:
        kind, evidence = "nothing", "nothing yet"
    return Entry(
        id=criterion.id,
        statement=criterion.statement,
        objective=str(criterion.objective),
        heading=criterion.heading,
        controls=criterion.controls,
        kind=kind,
        evidence=evidence,
        scenarios=scenarios,
        shows_not=criterion.shows_not,
    )


def _attestation(attestation: Attestation, today: date) -> Entry:
    if attestation.stands(today=today):
        evidence = f"attested until {attestation.expires_on} ({attestation.evidence})"
    elif attestation.attested_on:
        evidence = f"no valid attestation: {attestation.attested_on} to {attestation.expires_on}"
    else:
        evidence = f"not attested; {attestation.owner} answers for it"
    return Entry(
        id=attestation.id,
        statement=attestation.statement,
        objective=None,
        heading=attestation.heading,
        controls=attestation.controls,
        kind="attestation",
        evidence=evidence,
    )
