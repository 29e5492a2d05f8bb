"""Two contents of one place side by side, as far as both sampled the same keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drill.fingerprints.content import Content, Item, Tally


@dataclass(frozen=True, slots=True)
class Comparison:
    """Which sampled keys differ, and whether the tallies of everything do.

    Attributes:
        missing: keys that should be there and are not, sorted, like all of these.
        unexpected: keys that are there and should not be.
        changed: keys that are there with something else.
        expired: keys that were due to expire, and did.
        tallied_alike: whether the rows that are not sampled agree too.
    """

    missing: list[str]
    unexpected: list[str]
    changed: list[str]
    expired: list[str]
    tallied_alike: bool

    @classmethod
    def of(cls, expected: Content, found: Content, *, at: int) -> Comparison:
        """Compare by the wider mask and the longer period of the two; ``found`` was read at Unix millisecond ``at``."""
        mask, period = max(expected.mask, found.mask), max(expected.period, found.period)
        wanted, held = expected.sampled(mask=mask), found.sampled(mask=mask)
        gone = wanted.keys() - held.keys()
        expired = {key for key in gone if _is_past(wanted[key], at=at)}
        return cls(
            missing=sorted(gone - expired),
            unexpected=sorted(held.keys() - wanted.keys()),
            changed=sorted(key for key in wanted.keys() & held.keys() if wanted[key].digest != held[key].digest),
            expired=sorted(expired),
            tallied_alike=expected.staying == found.staying
            and _expiring_alike(expected.leaving(period=period), found.leaving(period=period), now=at // period),
        )

    @property
    def same(self) -> bool:
        """Whether nothing differs but what has expired."""
        return self.tallied_alike and not (self.missing or self.unexpected or self.changed)


def _expiring_alike(expected: Mapping[int, Tally], found: Mapping[int, Tally], *, now: int) -> bool:
    """Say whether all periods agree; those that have begun by ``now`` may have lost rows."""
    for period in expected.keys() | found.keys():
        wanted, held = expected.get(period, Tally()), found.get(period, Tally())
        may_have_expired = period <= now and held.rows < wanted.rows
        if wanted != held and not may_have_expired:
            return False
    return True


def _is_past(item: Item, *, at: int) -> bool:
    return item.expires is not None and item.expires <= at
