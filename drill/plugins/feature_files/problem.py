"""One thing that is wrong with a feature file."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong in which line (counted from one), and what to do about it."""

    line: int
    what: str
    remedy: str

    def described(self, file: str) -> str:
        """Return the problem as ``file:line: what`` with the remedy below, as editors and terminals link it."""
        return f"{file}:{self.line}: {self.what}\n    {self.remedy}"


def nearest(word: str, known: Iterable[str], *, likeness: float = 0.6) -> str | None:
    """Return the known word that looks most like this one, whatever its letter case; None if none does."""
    by_folded = {candidate.casefold(): candidate for candidate in known}
    found = difflib.get_close_matches(word.casefold(), by_folded, n=1, cutoff=likeness)
    return by_folded[found[0]] if found else None
