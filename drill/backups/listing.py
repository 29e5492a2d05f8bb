"""``dr-drill catalogue`` put to the test: what it tells of a repository, as whoever runs it is told."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from drill.backups.backup import Backup
from drill.backups.catalogue import MANIFEST
from drill.commands.execution import run
from drill.commands.runbook import Outcome
from drill.commands.search_path import search_path
from drill.errors import DrillError
from drill.evidence.attachments import attach_text

LIMIT = timedelta(minutes=5)
MOMENTS = ("started", "finished", "retain_until")

Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """What the command told.

    Attributes:
        outcome: how it ended.
        asked: when it was begun.
        answered: when it had ended.
        told: its JSON.
    """

    outcome: Outcome
    asked: datetime
    answered: datetime
    told: Told

    @property
    def sets(self) -> Sequence[Told]:
        """Every set."""
        found: Sequence[Told] = self.told["sets"]
        return found

    @property
    def backups(self) -> Mapping[str, Told]:
        """Every backup of every set, by its id."""
        return {each["id"]: each for found in self.sets for each in found["backups"]}

    @property
    def flaws(self) -> list[tuple[str, str]]:
        """Every id with the kind of what does not hold of it, sorted; the id of a set's own flaw is the set's name."""
        return sorted(self._flaws())

    def _flaws(self) -> Iterator[tuple[str, str]]:
        for found in self.sets:
            for place, told in ((found["name"], found), *((each["id"], each) for each in found["backups"])):
                yield from ((place, flaw["kind"]) for flaw in told["flaws"])


def looked_up(repository: Path, *, policy: Path) -> Listing:
    """Run the command on a repository, with every byte read and held against a policy.

    Raises:
        DrillError: it tells nothing.
    """
    command = ["dr-drill", "catalogue", str(repository), "--hash", "--json", "--policy", str(policy.resolve())]
    environment = {**os.environ, "PATH": search_path()}
    asked = datetime.now(UTC)
    outcome = run(command, environment=environment, directory=repository, limit=LIMIT)
    answered = datetime.now(UTC)
    attach_text("catalogue", outcome.output)
    try:
        return Listing(outcome, asked, answered, json.loads(outcome.output))
    except json.JSONDecodeError as error:
        raise DrillError(f"the catalogue tells nothing: {outcome}", remedy="run it by hand") from error


def unlike(listing: Listing, *chains: Sequence[Backup], term: timedelta) -> dict[str, list[str]]:
    """Return of each backup what is listed otherwise than it was taken; a backup of which nothing is, is left out.

    What each backup is comes from its command, its size from the files that are there.

    Args:
        listing: what the catalogue tells.
        chains: the backups as they were taken, each on the one before it.
        term: for how long every backup is kept at least.
    """
    taken = {backup.id: facts for chain in chains for backup, facts in zip(chain, _facts(chain), strict=True)}
    found = {name: ["it was not taken"] for name in listing.backups.keys() - taken.keys()}
    for name, facts in taken.items():
        told = listing.backups.get(name)
        wrong = ["it is not listed"] if told is None else list(_wrong(listing, told, facts, term))
        found |= {name: wrong} if wrong else {}
    return found


def _wrong(listing: Listing, told: Told, facts: Told, term: timedelta) -> Iterator[str]:
    for what, wanted in facts.items():
        is_ = _moment(told[what]) if what in MOMENTS else told[what]
        if is_ != wanted:
            yield f"{what}: {is_}, not {wanted}"
    finished, age, kept = facts["finished"], timedelta(seconds=told["age"]), _moment(told["kept_until"])
    if not listing.asked - finished <= age <= listing.answered - finished:
        yield f"age: {age}, and it was finished at {finished}"
    if kept is None or kept < finished + term:
        yield f"kept_until: {kept}, and it was finished at {finished}"


def _facts(chain: Sequence[Backup]) -> Iterator[dict[str, Any]]:
    parent = None
    for place, backup in enumerate(chain, 1):
        said, sizes = backup.outcome.result, list(_sizes(backup.repository / backup.id))
        yield {
            **{name: said.get(name) for name in ("kind", "tier", "source_bytes")},
            **{name: _moment(said.get(name)) for name in MOMENTS},
            "parent": parent,
            "chain": place,
            "files": len(sizes),
            "stored_bytes": sum(sizes),
        }
        parent = backup.id


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _sizes(directory: Path) -> Iterator[int]:
    for place in directory.rglob("*"):
        if place.is_file() and place != directory / MANIFEST:
            yield place.stat().st_size
