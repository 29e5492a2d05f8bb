"""Telling two fingerprints apart, place by place, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import takewhile

from drill.fingerprints.comparison import Comparison
from drill.fingerprints.content import Content
from drill.fingerprints.discretion import CONTENT, discreet
from drill.fingerprints.fingerprint import Fingerprint

NAMED = 5
"""How many keys of each kind a difference names."""
GLIMPSE = 160
"""How many characters of a definition a message shows."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOTHING = Content(rows=0, digest=0)


class Kind(Enum):
    """What sort of difference it is; ``EXPIRED`` is no loss and only ``expirations`` returns it."""

    MISSING = "missing"
    UNEXPECTED = "unexpected"
    CHANGED = "changed"
    EXPIRED = "expired"
    INCOMPARABLE = "nothing to compare"


@dataclass(frozen=True, slots=True)
class Difference:
    """One place that does not hold what it should, with what was expected and what was found there.

    ``keys`` names some of the rows concerned: "missing key (17)"; of what could let its reader in, a part.
    """

    where: str
    kind: Kind
    expected: str = ""
    found: str = ""
    keys: tuple[str, ...] = ()

    def __str__(self) -> str:
        expected, found = _glimpse(self.expected, self.found), _glimpse(self.found, self.expected)
        if self.kind is Kind.MISSING:
            seen = f"expected {expected}"
        elif self.kind is Kind.UNEXPECTED:
            seen = f"found {found}"
        else:
            seen = f"{expected} expected, {found} found"
        return "; ".join([f"{self.where}: {self.kind.value}: {seen}", *self.keys])


def differences(expected: Fingerprint, found: Fingerprint) -> list[Difference]:
    """Return what ``found`` lacks, has too much or has otherwise; [] says that it holds exactly what was expected.

    A key that was due to expire before ``found`` was taken is rightly gone, and no difference: see ``expirations``.
    Two fingerprints without a single row prove nothing, which is a difference, and so are those of two engines.
    """
    if expected.engine != found.engine:
        return [Difference("engine", Kind.INCOMPARABLE, expected.engine, found.engine)]
    contents = _of_contents(expected.contents, found.contents, at=_milliseconds(found.taken_at))
    return [
        *_of_nothing(expected, found),
        *_of_facts(expected.facts, found.facts, recovered=expected.recovered),
        *(_discreet(each) if expected.engine in CONTENT else each for each in contents),
    ]


def expirations(expected: Fingerprint, found: Fingerprint) -> list[Difference]:
    """Return, place by place, which sampled keys expired before ``found`` was taken: gone, but not lost."""
    at = _milliseconds(found.taken_at)
    expired = {
        where: Comparison.of(content, found.contents.get(where, _NOTHING), at=at).expired
        for where, content in sorted(expected.contents.items())
    }
    return [
        _discreet(Difference(where, Kind.EXPIRED, str(len(keys)), "none", (_named("expired", keys),)))
        for where, keys in expired.items()
        if keys
    ]


def _of_nothing(expected: Fingerprint, found: Fingerprint) -> Iterator[Difference]:
    if expected.rows == found.rows == 0:
        yield Difference("fingerprint", Kind.INCOMPARABLE, "rows", "none on either side")


def _of_facts(
    expected: Mapping[str, str], found: Mapping[str, str], *, recovered: Mapping[str, str]
) -> Iterator[Difference]:
    for where in sorted(expected.keys() | found.keys()):
        if where not in found:
            yield Difference(where, Kind.MISSING, expected=expected[where])
        elif where not in expected:
            yield Difference(where, Kind.UNEXPECTED, found=found[where])
        elif found[where] not in (expected[where], recovered.get(where)):
            yield Difference(where, Kind.CHANGED, expected[where], found[where])


def _of_contents(expected: Mapping[str, Content], found: Mapping[str, Content], *, at: int) -> Iterator[Difference]:
    for where in sorted(expected.keys() | found.keys()):
        wanted, held = expected.get(where, _NOTHING), found.get(where, _NOTHING)
        comparison = Comparison.of(wanted, held, at=at)
        kind = Kind.CHANGED
        if where not in expected:
            kind = Kind.UNEXPECTED
        elif where not in found:
            kind = Kind.MISSING
        # A place of which every row has expired is not missed.
        if comparison.same and (kind is Kind.CHANGED or wanted.rows > 0):
            continue
        yield Difference(where, kind, str(wanted.rows), str(held.rows), _keys(comparison))


def _discreet(difference: Difference) -> Difference:
    return replace(difference, keys=tuple(map(discreet, difference.keys)))


def _keys(comparison: Comparison) -> tuple[str, ...]:
    named = [
        _named(kind, keys)
        for kind, keys in (
            ("missing", comparison.missing),
            ("unexpected", comparison.unexpected),
            ("changed", comparison.changed),
        )
        if keys
    ]
    return tuple(named) or (() if comparison.same else ("none of the sampled keys differs",))


def _named(kind: str, keys: list[str]) -> str:
    more = f" and {len(keys) - NAMED} more of those sampled" if len(keys) > NAMED else ""
    return f"{kind} key {', '.join(keys[:NAMED])}{more}"


def _glimpse(text: str, other: str) -> str:
    """Return the part of a long text where it begins to differ from the other."""
    if len(text) <= GLIMPSE:
        return text
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(text, other, strict=False)))
    start = max(0, alike - GLIMPSE // 4)
    end = start + GLIMPSE
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"


def _milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)
