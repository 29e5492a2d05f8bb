"""In which order systems come back: what each of them needs before it, and how soon it has to be there."""

from __future__ import annotations

from pydantic import Field

from drill.policy.fields import Section, Words


class RecoveryStep(Section):
    """One system of a whole recovery, named by the procedure that restores it."""

    procedure: Words = Field(examples=["postgres-physical"])
    after: tuple[Words, ...] = Field((), examples=[["postgres-physical"]], description="what has to be back before it")
    tier: Words = Field(examples=["critical"])
