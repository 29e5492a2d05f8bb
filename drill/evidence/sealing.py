"""Seals a run when it ends: states what it holds, chained to the run before, signed where there is a key."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from drill.evidence import run_index, statement
from drill.evidence.envelope import EvidenceError, opened, wrapped
from drill.evidence.record import RunRecord
from drill.evidence.run import replace
from drill.evidence.run_index import RunIndex
from drill.evidence.statement import Head

if TYPE_CHECKING:
    from securesystemslib.signer import CryptoSigner


@dataclass(frozen=True, slots=True)
class Seal:
    """What a run was sealed with: the head of its chain, and whether a key has signed it."""

    head: Head
    signed: bool


def seal(directory: Path, record: RunRecord, *, signer: CryptoSigner | None) -> Seal:
    """Write a run's statement, note the new head of the chain, and take the run into the history.

    Raises:
        DrillError: the history cannot be kept.
    """
    reports = directory.parent.parent
    with run_index.opened(reports) as index:
        payload = statement.state(directory, record, _end_of_chain(reports, index)).payload()
        text = wrapped(payload, signer)
        replace(directory / statement.NAME, text)
        envelope = opened(text.encode())
        link = statement.read(envelope).link
        head = Head(link.chain, link.number, envelope.sha256)
        index.note_head(head, record.id, own=True)
    return Seal(head, signed=signer is not None)


def heads_on_disk(reports: Path, *, having: Collection[str] | None = None) -> dict[str, tuple[Head, str]]:
    """Return the last statement of every chain that can be read, and the run that it is of.

    Args:
        reports: holds the runs.
        having: only of chains that have one of these runs.
    """
    chains: dict[str, list[tuple[Head, str]]] = defaultdict(list)
    for head, run in _readable(reports):
        chains[head.chain].append((head, run))
    return {
        chain: max(links) for chain, links in chains.items() if having is None or any(run in having for _, run in links)
    }


def _end_of_chain(reports: Path, index: RunIndex) -> tuple[Head, str] | None:
    """Return where to go on: behind all that was ever recorded, so that what is gone since then leaves a hole."""
    found = heads_on_disk(reports)
    recorded = index.own_head()
    if recorded is None:
        # One chain is the one to go on with; of several it is not known which was this machine's.
        return next(iter(found.values())) if len(found) == 1 else None
    there = found.get(recorded[0].chain)
    return there if there and there[0].number > recorded[0].number else recorded


def _readable(reports: Path) -> Iterator[tuple[Head, str]]:
    for path in (reports / "runs").glob(f"*/{statement.NAME}"):
        try:
            envelope = opened(path.read_bytes())
            link = statement.read(envelope).link
        except (EvidenceError, OSError):
            continue  # verifying tells of it; the next run is sealed all the same
        yield Head(link.chain, link.number, envelope.sha256), link.run
