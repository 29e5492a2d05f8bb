"""How long all systems of a tier take to come back at production's size: along the order of recovery.

Each step is projected by itself. What waits for others is back when the last of them is, and its own time on top.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from drill.evidence.verdict import Verdict
from drill.policy import Policy
from drill.policy.quantity import duration_text
from drill.policy.recovery import RecoveryStep
from drill.projection.measurements import Series
from drill.projection.projection import LONGEST, Projection

NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Way:
    """Steps that wait for each other, the first one first, and how long they take together."""

    steps: tuple[str, ...] = ()
    took: timedelta = NONE


@dataclass(frozen=True, slots=True)
class TierProjection:
    """When all systems of a tier are back.

    Attributes:
        tier: its name.
        limit: its recovery time.
        bound: the way that takes longest at most; a step that nothing can be said of takes no time on it.
        expected: the way that is to be expected to take longest, in the same way.
        in_turn: how long it takes at most to recover these steps, and all that they wait for, one after the other.
        unknown: the steps that nothing can be said of.
    """

    tier: str
    limit: timedelta
    bound: Way
    expected: Way
    in_turn: timedelta
    unknown: tuple[str, ...]

    @property
    def verdict(self) -> Verdict:
        """Proven if the bound keeps the limit and every step has one; disproven if not even the expected way does."""
        if self.expected.took >= self.limit:
            return Verdict.DISPROVEN
        return Verdict.UNPROVEN if self.unknown or self.bound.took >= self.limit else Verdict.PROVEN

    def __str__(self) -> str:
        back = (
            f"at most {duration_text(self.bound.took)} by {' → '.join(self.bound.steps)}, and at most "
            f"{duration_text(self.in_turn)} one step at a time"
        )
        if not self.unknown:
            return f"back after {back} (95 % of each step)"
        without = f"; without them {back}" if self.bound.steps else ""
        return f"not known, because nothing can be said of {', '.join(self.unknown)}{without}"


def tiers(policy: Policy, projections: Mapping[str, Projection]) -> list[TierProjection]:
    """Return what the projections of single steps say of each tier that the order of recovery names.

    Args:
        policy: says what waits for what, and which time each tier has.
        projections: by procedure; each of the time from a disaster to the first answer of what it restores.
    """
    known = {name: each for name, each in projections.items() if each.bound is not None and each.expected is not None}
    bounds = {name: each.bound or NONE for name, each in known.items()}
    expected = {name: each.expected or NONE for name, each in known.items()}
    return [
        _tier(policy, tier, bounds, expected)
        for tier in policy.tiers
        if any(step.tier == tier for step in policy.recovery)
    ]


def recoveries(policy: Policy, found: Mapping[Series, Projection]) -> dict[tuple[str, str], dict[str, Projection]]:
    """Return what was found of the recovery of each procedure, by runtime and machine: what there can be together.

    Of several servers the least favourable one counts, and one of which nothing can be said before all others.

    Args:
        policy: tells recovery times, which are a tier's, from other times.
        found: projections of all kinds of times.
    """
    together: dict[tuple[str, str], dict[str, Projection]] = {}
    for series, projection in found.items():
        if policy.criterion(series.criterion).tier is not None:
            there = together.setdefault(series.surroundings, {})
            there[series.procedure] = max(there.get(series.procedure, projection), projection, key=_unfavourable)
    return together


def longest(steps: Sequence[RecoveryStep], took: Mapping[str, timedelta]) -> dict[str, Way]:
    """Return for each step the way to it that takes longest, itself included.

    Args:
        steps: in an order that keeps every ``after``.
        took: how long each step takes; one that is not there takes no time, and is on no way.
    """
    ways: dict[str, Way] = {}
    for step in steps:
        before = max((ways[name] for name in step.after), key=lambda way: way.took, default=Way())
        own = took.get(step.procedure)
        together = NONE if own is None else min(own, LONGEST)
        ways[step.procedure] = Way(
            before.steps if own is None else (*before.steps, step.procedure), min(before.took + together, LONGEST)
        )
    return ways


def needed(steps: Sequence[RecoveryStep], wanted: Iterable[str]) -> tuple[str, ...]:
    """Return the steps that are wanted and all that they wait for, in the order of the steps.

    Args:
        steps: in an order that keeps every ``after``.
        wanted: procedures.
    """
    found = set(wanted)
    for step in reversed(steps):
        if step.procedure in found:
            found |= set(step.after)
    return tuple(step.procedure for step in steps if step.procedure in found)


def _unfavourable(projection: Projection) -> timedelta:
    return timedelta.max if projection.bound is None else projection.bound


def _tier(
    policy: Policy, tier: str, bounds: Mapping[str, timedelta], expected: Mapping[str, timedelta]
) -> TierProjection:
    own = [step.procedure for step in policy.recovery if step.tier == tier]
    steps = needed(policy.recovery, own)
    return TierProjection(
        tier=tier,
        limit=policy.tiers[tier].rto,
        bound=_last(longest(policy.recovery, bounds), own),
        expected=_last(longest(policy.recovery, expected), own),
        in_turn=min(sum((bounds.get(name, NONE) for name in steps), NONE), LONGEST),
        unknown=tuple(name for name in steps if name not in bounds),
    )


def _last(ways: Mapping[str, Way], own: Iterable[str]) -> Way:
    return max((ways[name] for name in own), key=lambda way: way.took)
