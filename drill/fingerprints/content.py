"""What one table, or one Redis database, holds: how much, a digest of it all, and a sample by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

Name = TypeVar("Name")

SAMPLED = 4096
"""How many keys a content names at most; above it, every second one is left out, then three of four, …"""
PERIODS = 1024
"""How many periods of expiry a content keeps apart at most; above it, neighbours are added up."""


@dataclass(frozen=True, slots=True)
class Item:
    """One sampled row or key: enough to tell that it is there, and that it is the same.

    ``draw`` is the hash of its key (it decides whether it is sampled), ``digest`` the hash of everything about it,
    ``expires`` the Unix time in milliseconds after which it is rightly gone, or None.
    """

    draw: int
    digest: int
    expires: int | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows there are, and the sum of their digests: equal for equal multisets, in any order."""

    rows: int = 0
    digest: int = 0

    def plus(self, other: Tally) -> Tally:
        """Return the tally of both together."""
        return Tally(self.rows + other.rows, self.digest + other.digest)


@dataclass(frozen=True, slots=True)
class Content:
    """The rows of one place.

    ``rows`` and ``digest`` are about everything. ``sample`` maps a key, as people read it, to its item, for every key
    whose draw has no bit in common with ``mask`` (2**k - 1; 0 samples them all). ``expiring`` tallies what is due to
    expire, by the period of ``period`` milliseconds (a power of two) that its expiry falls in.
    """

    rows: int
    digest: int
    mask: int = 0
    sample: Mapping[str, Item] = field(default_factory=dict)
    expiring: Mapping[int, Tally] = field(default_factory=dict)
    period: int = 1

    def sampled(self, *, mask: int) -> dict[str, Item]:
        """Return the part of the sample that a mask as wide as this one leaves."""
        return {key: item for key, item in self.sample.items() if item.draw & mask == 0}

    @property
    def staying(self) -> Tally:
        """What has no expiry."""
        leaving = total(self.expiring)
        return Tally(self.rows - leaving.rows, self.digest - leaving.digest)

    def leaving(self, *, period: int) -> dict[int, Tally]:
        """Return what expires, by periods of that many milliseconds."""
        return coarsened(self.expiring, by=period // self.period)


def total(tallies: Mapping[int, Tally]) -> Tally:
    """Add the tallies up."""
    return Tally(sum(t.rows for t in tallies.values()), sum(t.digest for t in tallies.values()))


def coarsened(tallies: Mapping[int, Tally], *, by: int) -> dict[int, Tally]:
    """Add up each run of ``by`` neighbouring periods; they start at multiples of their length, so they nest."""
    wider: dict[int, Tally] = {}
    for number, tally in tallies.items():
        wider[number // by] = wider.get(number // by, Tally()).plus(tally)
    return wider


class Census:
    """Counts a place's rows one by one, in memory that does not grow with their number."""

    def __init__(self) -> None:
        self._rows = self._digest = 0
        self._mask = 0
        self._sample: dict[str, Item] = {}
        # By period: how many rows, and the sum of their digests.
        self._expiring: dict[int, list[int]] = {}
        self._period = 1

    def add(self, key: str, item: Item) -> None:
        """Count one row. Rows that share a key (a table may hold one twice) are added up under it."""
        self.add_all([(key, item.draw, item.digest, item.expires)], named=str)

    def add_all(self, rows: Iterable[tuple[Name, int, int, int | None]], *, named: Callable[[Name], str]) -> None:
        """Count many rows, of each its name, its item's draw and digest, and when it expires.

        Args:
            rows: what is counted; one object for each row would take longer than everything else.
            named: returns the key by which people know a row; asked only for rows that are sampled.
        """
        coming = iter(rows)
        while some := list(islice(coming, SAMPLED)):
            self.add_columns(*zip(*some, strict=True), named=named)

    def add_columns(
        self,
        names: Sequence[Name],
        draws: Sequence[int],
        digests: Sequence[int],
        expiries: Sequence[int | None],
        *,
        named: Callable[[Name], str],
    ) -> None:
        """Count many rows at once, given by the columns that ``add_all`` takes a row at a time."""
        self._rows += len(digests)
        self._digest += sum(digests)
        # Local, because these run once for every key of a server.
        period, expiring = self._period, self._expiring
        for expires, digest in zip(expiries, digests, strict=True):
            if expires is None:
                continue
            tally = expiring.get(expires // period)
            if tally is None:
                expiring[expires // period] = [1, digest]
                period, expiring = self._widened()
            else:
                tally[0] += 1
                tally[1] += digest
        mask = self._mask
        for place in [place for place, draw in enumerate(draws) if draw & mask == 0]:
            # Once more, as the sample may have become too large meanwhile.
            if draws[place] & self._mask == 0:
                self._take(named(names[place]), Item(draws[place], digests[place], expiries[place]))

    def _take(self, key: str, item: Item) -> None:
        twin = self._sample.get(key)
        self._sample[key] = item if twin is None else Item(item.draw, twin.digest + item.digest, item.expires)
        while len(self._sample) > SAMPLED:
            self._mask = 2 * self._mask + 1
            self._sample = {key: item for key, item in self._sample.items() if item.draw & self._mask == 0}

    def _widened(self) -> tuple[int, dict[int, list[int]]]:
        """Keep the periods few and return their length and what each counts."""
        while len(self._expiring) > PERIODS:
            self._period *= 2
            self._expiring = {n: [t.rows, t.digest] for n, t in coarsened(self._tallies(), by=2).items()}
        return self._period, self._expiring

    def _tallies(self) -> dict[int, Tally]:
        return {number: Tally(*counted) for number, counted in self._expiring.items()}

    @property
    def content(self) -> Content:
        """What has been counted so far."""
        return Content(
            rows=self._rows,
            digest=self._digest,
            mask=self._mask,
            sample=dict(self._sample),
            expiring=self._tallies(),
            period=self._period,
        )
