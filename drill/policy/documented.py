"""The written document's own commands, and what is on record about them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from drill.policy.claims import Citation, Identifier
from drill.policy.fields import Section, Words

Name = Annotated[str, StringConstraints(pattern=r"^[a-z]+(-[a-z]+)*$")]


class Documented(Section):
    """One command of the document, what it is there for, how far it falls short, and what is done instead."""

    id: Name = Field(examples=["full-backup"], description="the trial that carries the command out")
    command: Words = Field(examples=["pg_dump -d database_name > backup.sql"], description="as the document has it")
    heading: Words = Field(examples=["PostgreSQL Backup"])
    clause: Words = Field(examples=["Full backup"], description="the comment that the command stands below")
    claims: Words = Field(examples=["a backup of the whole database"], description="what it is there for")
    deviations: tuple[Words, ...] = Field(
        examples=[["the roles are missing"]], description="everything in which its trial finds it wanting"
    )
    instead: Words = Field(examples=["postgres_dump keeps the roles beside the dump"], description="what ours do")
    shown_by: Identifier = Field(examples=["INT-DB"], description="the criterion that shows that ours do")

    @property
    def citation(self) -> Citation:
        """Where the document has the command."""
        return Citation(self.heading, self.clause)
