"""A simulated calendar: backups of one set, taken and pruned, with what was lost of the promise on the way."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from drill.backups import catalogue
from drill.backups.backup import Backup
from drill.backups.catalogue import StoredBackup
from drill.backups.retention import Promise, promised, reach
from drill.backups.routine import Mishap
from drill.commands.runbook import Outcome, Runbook

PRUNE_EVERY = timedelta(days=7)
BEFALLEN = 2
"""Of so many backups in a row, one meets with the mishap."""


@dataclass(frozen=True, slots=True)
class Pruning:
    """What came of one run of the pruning command, with the repository's files before and after it."""

    outcome: Outcome
    before: dict[str, bytes]
    after: dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Calendar:
    """What a simulated stretch of time left behind.

    Attributes:
        now: its last moment.
        taken: when each backup was finished, the oldest first.
        prunings: what came of each run of the pruning command.
        broken: promised backups that were missing after a pruning: (that moment, the missing backup's).
        shortest_reach: the least time that the oldest kept backup ever reached back once a full term had passed; zero
            where no term has passed.
        needless: unpromised backups that a pruning left all the same: (that moment, the backup's).
        kept: when each backup was finished that is there at the end, the oldest first.
        promised: the ids of the backups that are still promised at the end, the oldest first, whether they are there
            or not.
        copies: the id of each backup, and the id of the original that it is a copy of.
    """

    now: datetime
    taken: tuple[datetime, ...]
    prunings: tuple[Outcome, ...]
    broken: tuple[tuple[datetime, datetime], ...]
    shortest_reach: timedelta
    needless: tuple[tuple[datetime, datetime], ...]
    kept: tuple[datetime, ...]
    promised: tuple[str, ...]
    copies: Mapping[str, str]

    @property
    def oldest_promised(self) -> str:
        """The id of the oldest backup that is still promised."""
        return self.promised[0]

    def longest_gap(self, zone: str) -> timedelta:
        """Return the longest time without a backup of the end of a month, from the first one taken to the last day."""
        monthly = {f"{moment.astimezone(ZoneInfo(zone)):%Y-%m}": moment for moment in self.kept}
        moments = [self.taken[0], *monthly.values(), self.now]
        return max(later - earlier for earlier, later in pairwise(moments))

    def original(self, backup_id: str, originals: Iterable[Backup]) -> Backup:
        """Return the original that a backup is a copy of: what it holds is what a restore has to bring back."""
        return next(each for each in originals if each.id == self.copies[backup_id])

    def any_promised(self, seed: int) -> str:
        """Return the id of a promised backup that chance has chosen, the same for the same seed."""
        return random.Random(seed).choice(self.promised)  # noqa: S311 - no secret


def simulate(
    *originals: StoredBackup,
    runbook: Runbook,
    procedure: str,
    days: int,
    prune_every: timedelta = PRUNE_EVERY,
    mishap: Mishap | None = None,
) -> Calendar:
    """Let backups like the originals, by turns, be taken on each of the following days, and the set be pruned so often.

    The clock is the command's own affair: it is told the simulated time as the contract has it (``BACKUP_NOW``).

    Args:
        originals: of one store; where they differ, a restore of the wrong day can be told.
        runbook: whose commands are run.
        procedure: whose set it is.
        days: how many.
        prune_every: so much time passes from one pruning to the next.
        mishap: befalls every second backup, which does not hold any more; before each pruning the verify command reads
            all of them, so that it can be known.
    """
    directory, first = originals[0].directory.parent, originals[-1].finished
    promise = Promise.of(runbook.policy.retention)
    taken = {each.finished: each.id for each in originals}
    copies = {each.id: each.id for each in originals}
    rotten: set[datetime] = set()
    prunings: list[Outcome] = []
    broken: list[tuple[datetime, datetime]] = []
    needless: list[tuple[datetime, datetime]] = []
    reaches: list[timedelta] = []
    # Pruning may remove whatever is in the repository, so the originals are kept beside it.
    with tempfile.TemporaryDirectory(prefix="original-", dir=runbook.repository.parent) as aside:
        kept_aside = [catalogue.link(each, Path(aside) / each.id) for each in originals]
        for day in range(1, days + 1):
            now, original = first + timedelta(days=day), kept_aside[(day - 1) % len(kept_aside)]
            copy = catalogue.restamp(original, finished=now, into=directory)
            taken[now], copies[copy.id] = copy.id, original.id
            if mishap and day % BEFALLEN == 0:
                mishap(copy)
                rotten.add(now)
            if day % prune_every.days:
                continue
            if mishap:
                runbook.verify(procedure, now=now)
            prunings.append(runbook.prune(procedure, now=now))
            kept, must = finished(directory), promised(taken, now=now, promise=promise, rotten=rotten)
            broken += [(now, missing) for missing in sorted(must - kept)]
            needless += [(now, extra) for extra in sorted(kept - must - rotten)]
            if now - first >= promise.term:
                reaches.append(reach(kept, now=now))
    last = max(taken)
    return Calendar(
        now=last,
        taken=tuple(taken),
        prunings=tuple(prunings),
        broken=tuple(broken),
        shortest_reach=min(reaches, default=timedelta(0)),
        needless=tuple(needless),
        kept=tuple(sorted(finished(directory))),
        promised=tuple(taken[each] for each in sorted(promised(taken, now=last, promise=promise, rotten=rotten))),
        copies=copies,
    )


def prune_at(now: datetime, *, runbook: Runbook, procedure: str) -> Pruning:
    """Run the pruning command once, as if it were that time."""
    directory = runbook.repository
    before = catalogue.contents(directory)
    outcome = runbook.prune(procedure, now=now)
    return Pruning(outcome, before, catalogue.contents(directory))


def finished(directory: Path) -> set[datetime]:
    """Return when each complete backup of a set was finished."""
    return {backup.finished for backup in catalogue.backups(directory)}
