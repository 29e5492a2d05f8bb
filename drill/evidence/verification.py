"""Finds out whether the evidence of all runs is what it was when each of them ended."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drill.errors import DrillError
from drill.evidence.envelope import EvidenceError, Signature
from drill.evidence.finding import UNKNOWN, Finding, Rule
from drill.evidence.inspection import Inspection, Sealed, compare, inspect
from drill.evidence.run_index import DAMAGED, FILE_NAME, recorded_heads
from drill.evidence.statement import Head
from drill.evidence.verdict import Verdict

if TYPE_CHECKING:
    from securesystemslib.signer import SSlibKey


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found of a directory of reports.

    ``vouched`` are the runs that a known key stands for, by signing their statement or a later one of the chain;
    ``unfinished`` those that were killed and have neither record nor statement, or still go on and have no statement.
    """

    findings: tuple[Finding, ...]
    heads: tuple[Head, ...]
    sealed: Mapping[str, Sealed]
    vouched: frozenset[str]
    unfinished: tuple[str, ...]
    bytes_read: int

    @property
    def verdict(self) -> Verdict:
        """Whether the evidence holds; unproven where nothing contradicts it and nobody vouches for it."""
        if any(finding.rule not in UNKNOWN for finding in self.findings):
            return Verdict.DISPROVEN
        return Verdict.UNPROVEN if self.findings or not self.sealed else Verdict.PROVEN


def verify(reports: Path, *, keys: Sequence[SSlibKey] = (), expected: Sequence[str] = ()) -> Verification:
    """Verify every run below a directory of reports; nothing is written.

    Args:
        reports: holds ``runs/``, and the history where there is one.
        keys: the public keys whose signatures count.
        expected: heads that were noted earlier, ``number:sha256``; each has to be there still.

    Raises:
        DrillError: that is no directory of reports.
    """
    if not reports.is_dir():
        raise DrillError(f"{reports} is no directory", remedy="name the one that pytest wrote its reports to")
    # Before the runs: one that ends meanwhile states itself first, and is on record after.
    recorded, unread = _recorded(reports)
    runs = reports / "runs"
    entries = sorted(os.scandir(runs), key=lambda entry: entry.name) if runs.is_dir() else []
    inspected = {entry.name: inspect(entry, keys) for entry in entries}
    compare([one for one in inspected.values() if one.sealed])
    sealed = {name: one.sealed for name, one in inspected.items() if one.sealed}
    findings = [finding for one in inspected.values() for finding in one.findings]
    chains = _chains(sealed)
    findings += [finding for chain in chains.values() for finding in _broken_links(chain)]
    findings += unread
    findings += _rolled_back(recorded, sealed, expected)
    findings += _unrecorded(chains, recorded, expected)
    vouched = _vouched(chains)
    findings += _unsealed(inspected)
    findings += _not_vouched(sealed, vouched)
    return Verification(
        findings=tuple(findings),
        heads=tuple(Head(name, chain[-1].statement.link.number, chain[-1].sha256) for name, chain in chains.items()),
        sealed=sealed,
        vouched=vouched,
        unfinished=tuple(name for name, one in inspected.items() if not one.finished),
        bytes_read=sum(one.bytes_read for one in inspected.values()),
    )


def _chains(sealed: Mapping[str, Sealed]) -> dict[str, list[Sealed]]:
    chains: dict[str, list[Sealed]] = defaultdict(list)
    for one in sealed.values():
        chains[one.statement.link.chain].append(one)
    for chain in chains.values():
        chain.sort(key=lambda one: (one.statement.link.number, one.sha256))
    return dict(sorted(chains.items()))


def _broken_links(chain: Sequence[Sealed]) -> Iterator[Finding]:
    """Yield what is wrong with a chain's order: a hole, two of one number, or a link to something else."""
    before: Sealed | None = None
    for one in chain:
        link = one.statement.link
        number = before.statement.link.number if before else 0
        if link.number == number:
            what = f"has number {number} of the chain, as another run has"
            yield Finding(Rule.REORDERED, link.run, what, "one of the two was put there")
        elif link.number > number + 1:
            last = f", the last of them {link.previous.run}" if link.previous else ""
            what = f"{link.number - number - 1} runs before it are gone{last}"
            yield Finding(Rule.MISSING, link.run, what, "restore them from a copy")
        elif not _next_to(before, one):
            after = f"{before.statement.link.run}" if before else "nothing"
            what = f"number {link.number} was not made to follow {after} as it is now"
            yield Finding(Rule.CHANGED, link.run, what, "one of the two statements was altered or exchanged")
        before = one


def _next_to(before: Sealed | None, one: Sealed) -> bool:
    link = one.statement.link
    if before is None:
        return link.previous is None and link.chain == link.run
    return link.previous is not None and (link.previous.run, link.previous.sha256) == (
        before.statement.link.run,
        before.sha256,
    )


def _recorded(reports: Path) -> tuple[list[tuple[Head, str]], list[Finding]]:
    """Return the heads that the history knows, and what keeps it from knowing all."""
    unread = [
        Finding(
            Rule.UNCHECKED,
            aside.name,
            "the history was damaged, and what it knew of heads is lost",
            "compare the head with one that was noted elsewhere, then remove that file",
        )
        for aside in sorted(reports.glob(f"{FILE_NAME}{DAMAGED}*"))
    ]
    try:
        return recorded_heads(reports), unread
    except EvidenceError as error:
        return [], [Finding(Rule.UNCHECKED, "history", error.what, error.remedy), *unread]


def _rolled_back(
    recorded: Iterable[tuple[Head, str]], sealed: Mapping[str, Sealed], expected: Iterable[str]
) -> Iterator[Finding]:
    """Yield heads that were on record, in the history or with whoever asks, and are not there any more."""
    there = {(link.chain, link.number, one.sha256) for one in sealed.values() for link in [one.statement.link]}
    for head, run in recorded:
        if (head.chain, head.number, head.sha256) not in there:
            what = f"the history knows a chain of {head.number} runs up to this one, and that end is not there"
            yield Finding(Rule.ROLLED_BACK, run, what, "the newest runs were removed or replaced")
    known = {f"{number}:{digest}" for _, number, digest in there}
    for text in expected:
        if text not in known:
            what = "the head that was noted is not there"
            yield Finding(Rule.ROLLED_BACK, text, what, "the newest runs were removed or replaced since then")


def _unrecorded(
    chains: Mapping[str, Sequence[Sealed]], recorded: Iterable[tuple[Head, str]], expected: Collection[str]
) -> Iterator[Finding]:
    """Yield the ends of chains of which neither the history nor whoever asks has a head: newer runs may be gone."""
    known = {head.chain for head, _ in recorded}
    for name, chain in chains.items():
        heads = {f"{one.statement.link.number}:{one.sha256}" for one in chain}
        if name not in known and heads.isdisjoint(expected):
            what = "nothing tells that it is the newest of its chain: the history does not know it, or is gone"
            remedy = "name a head that was noted elsewhere, with --expect-head; the next run of it is on record again"
            yield Finding(Rule.UNRECORDED, chain[-1].statement.link.run, what, remedy)


def _vouched(chains: Mapping[str, Sequence[Sealed]]) -> frozenset[str]:
    """Return the runs that a valid signature stands for: a statement vouches for all that it is chained to."""
    vouched: set[str] = set()
    for chain in chains.values():
        covered = False
        for place in reversed(range(len(chain))):
            one = chain[place]
            follows = place + 1 < len(chain) and _next_to(one, chain[place + 1])
            covered = one.signature is Signature.VALID or (covered and follows)
            if covered:
                vouched.add(one.statement.link.run)
    return frozenset(vouched)


def _unsealed(inspected: Mapping[str, Inspection]) -> Iterator[Finding]:
    first = min((name for name, one in inspected.items() if one.sealed), default=None)
    bare = [name for name, one in inspected.items() if not one.sealed and not one.findings and one.finished]
    added = [name for name in bare if first is not None and name > first]
    for name in added:
        what = "has a record and no statement, although runs before it were sealed"
        remedy = "it was put there, or was killed as it ended: nothing of it counts; move it away"
        yield Finding(Rule.ADDED, name, what, remedy)
    if old := [name for name in bare if name not in added]:
        what = "has a record and no statement; no run before it was sealed"
        yield Finding(Rule.UNSEALED, _and_further(old), what, "nothing of it counts; move it away")


def _not_vouched(sealed: Mapping[str, Sealed], vouched: frozenset[str]) -> Iterator[Finding]:
    left: dict[Signature, list[str]] = defaultdict(list)
    for name, one in sealed.items():
        if name not in vouched:
            left[one.signature].append(name)
    meaning: dict[Signature, Any] = {
        Signature.NONE: (
            Rule.UNSIGNED,
            "nobody has signed it",
            "whoever can write here can change it; set DR_DRILL_SIGNING_KEY (dr-drill keys new makes one)",
        ),
        Signature.UNCHECKED: (Rule.UNCHECKED, "its signature was not checked", "name the key with --public-key"),
        Signature.FOREIGN: (
            Rule.FORGED,
            "another key than the given has signed it",
            "name that key too, if it is yours",
        ),
    }
    for signature, names in left.items():
        if signature in meaning:
            rule, what, remedy = meaning[signature]
            yield Finding(rule, _and_further(names), what, remedy)


def _and_further(runs: Sequence[str]) -> str:
    return runs[-1] if len(runs) == 1 else f"{runs[-1]} and {len(runs) - 1} others"
