"""What the document promises: criteria, which a drill measures, and attestations, which a person signs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, StringConstraints, model_validator

from drill.policy.command import Kind
from drill.policy.controls import Control
from drill.policy.fields import Section, Target, Words
from drill.policy.problems import UnreadableValue
from drill.policy.quantity import DURATIONS, PERCENT

Ground = Literal["audits", "contacts", "drills", "tests"]
"""What is on record already, and can decide a criterion without a scenario."""
_UNITS: Mapping[Ground, Collection[str]] = {
    "audits": DURATIONS,
    "contacts": ["placeholders"],
    "drills": DURATIONS,
    "tests": [PERCENT],
}
Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]*(-[A-Z0-9]+)*$")]


class Citation(NamedTuple):
    """A place in the document: a heading, and one clause below it or all of them (None)."""

    heading: str
    clause: str | None


class Claim(Section):
    """A promise of the document, with the place that it is made and the controls that it serves."""

    id: Identifier = Field(examples=["RTO-DB"])
    statement: Words = Field(examples=["A lost PostgreSQL database answers again within four hours."])
    heading: Words = Field(examples=["Recovery Time Objectives (RTO)"])
    clauses: tuple[Words, ...] = Field((), description="the clauses below the heading; none means all of them")
    repeats: tuple[Words, ...] = Field((), description='the same promise elsewhere: "heading" or "heading: clause"')
    controls: tuple[Control, ...] = Field(min_length=1, examples=[["NIST CP-10"]])

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Every place in the document that makes this promise."""
        own = [Citation(self.heading, clause) for clause in self.clauses or (None,)]
        return (*own, *(citation(repeat) for repeat in self.repeats))


class Criterion(Claim):
    """A promise that a scenario measures, or the record decides; or that has a gap: why neither does yet."""

    objective: Target = Field(examples=["< 4 h"])
    tier: Words | None = Field(None, examples=["critical"])
    data: Words | None = Field(None, examples=["database"])
    every: Kind | None = Field(
        None,
        examples=["backup"],
        description="the command that has to run so often, where the objective is an interval",
    )
    shows_not: Words = Field(
        examples=["Not that production's own hardware is as fast."], description="what a pass does not show"
    )
    decided_by: Ground | None = Field(
        None,
        examples=["contacts"],
        description="what is on record already and decides it without a scenario: the contacts of this file, the dates "
        "of drills, the log of tests, the months of which there is a report",
    )
    gap: Words | None = Field(None, description="why no scenario proves it yet")

    @property
    def is_tested(self) -> bool:
        """Whether scenarios are to prove it."""
        return self.gap is None and self.decided_by is None

    @model_validator(mode="after")
    def _is_decided_once(self) -> Self:
        if self.decided_by is None:
            return self
        if self.gap:
            raise UnreadableValue(f"{self.decided_by} decide it, and it has a gap", remedy="keep one of the two")
        if self.objective.quantity.unit not in (units := _UNITS[self.decided_by]):
            raise UnreadableValue(
                f"{self.decided_by} cannot decide {self.objective}", remedy=f"write it in {' or '.join(units)}"
            )
        return self

    @model_validator(mode="after")
    def _is_an_interval(self) -> Self:
        if self.every and not isinstance(self.objective.quantity.value, timedelta):
            raise UnreadableValue(
                f"{self.every} can be promised every so often, not {self.objective}",
                remedy='write objective = "<= 1 d"',
            )
        return self


class Attestation(Claim):
    """A promise about people, which somebody answers for with a date and evidence."""

    owner: Words = Field(examples=["backup_team.primary"], description="a key below [contacts]")
    attested_on: date | None = None
    expires_on: date | None = None
    evidence: Words | None = None

    def stands(self, *, today: date) -> bool:
        """Return whether somebody has attested this and the attestation has not expired."""
        if self.attested_on is None or self.expires_on is None:
            return False
        return self.attested_on <= today < self.expires_on

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        given = [self.attested_on, self.expires_on, self.evidence]
        if any(given) and not all(given):
            raise UnreadableValue(
                "it is attested only in part", remedy="give attested_on, expires_on and evidence, or none of them"
            )
        if self.attested_on and self.expires_on and self.attested_on >= self.expires_on:
            raise UnreadableValue(
                f"it expires on {self.expires_on}, not after {self.attested_on}", remedy="correct one of the two dates"
            )
        return self


def citation(text: str) -> Citation:
    """Read ``heading`` or ``heading: clause``; no heading of the document holds a colon."""
    heading, colon, clause = text.partition(": ")
    return Citation(heading, clause if colon else None)
