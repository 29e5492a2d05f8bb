"""What can be wrong with a policy, said so that a person can put it right.

::

    DrillError
    ├── UnreadableValue   one value cannot be understood (also a ValueError, so that pydantic collects it)
    └── PolicyError       everything that is wrong with one policy file, at once
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from drill.errors import DrillError


class UnreadableValue(DrillError, ValueError):
    """One value of a policy says nothing that the suite understands."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where (file and dotted key), what, and what to do about it.

    Entries of a list are named by their id, ``criteria[RTO-DB].objective``, or counted from one, ``schedule[2].cron``.
    The key is empty where the file as a whole is meant.
    """

    file: Path
    key: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.key, self.what) if part) + f"; {self.remedy}"


class PolicyError(DrillError):
    """A policy file says something that cannot be; ``problems`` lists all of it, the text too."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        first, *others = self.problems
        where = ": ".join(part for part in (str(first.file), first.key) if part)
        super().__init__(f"{where}: {first.what}", remedy=first.remedy)
        if others:
            lines = "".join(f"\n  {problem}" for problem in self.problems)
            self.args = (f"{first.file} has {len(self.problems)} problems:{lines}",)


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return the remedy for a word that names nothing: the nearest known word, or all of them."""
    words = sorted(known)
    nearest = difflib.get_close_matches(word, words, n=1)
    if nearest:
        return f"did you mean {nearest[0]!r}?"
    return f"use one of: {', '.join(words)}" if words else "there is none to choose from yet"
