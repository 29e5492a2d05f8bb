"""A contradiction between what is scheduled and what is promised."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One promise that the schedule cannot keep.

    Attributes:
        kind: what kind of promise it breaks, in a word or two.
        subject: what it is about, by its name in the policy; together with the kind it is the id.
        where: the keys of policy.toml, and the criteria, that contradict each other.
        what: what cannot be.
        remedy: what to do about it.
    """

    kind: str
    subject: str
    where: tuple[str, ...]
    what: str
    remedy: str

    @property
    def id(self) -> str:
        """The same from run to run for as long as the contradiction stands, ``overlap:redis``."""
        return f"{self.kind}:{self.subject}"

    def __str__(self) -> str:
        return f"{self.id}: {self.what} ({', '.join(self.where)}); {self.remedy}"
