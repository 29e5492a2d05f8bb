"""The whole estate: every system that the policy has an order of recovery for, and what is known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from drill.backups import backup as backups
from drill.backups import offsite
from drill.backups.backup import Backup
from drill.commands.runbook import Runbook
from drill.errors import DrillError
from drill.evidence.attachments import attach_text
from drill.policy import Policy
from drill.sites import Site
from drill.stores import ClusterStore, Store

DATABASE, CACHE, MACHINE = "postgres-physical", "redis", "system"
"""The procedures of the systems that disasters are named after."""
CORE = ("configuration", DATABASE, CACHE, "user-data")
"""What a drill makes do with that is not about the whole: servers, a host, and one that waits for another."""


@dataclass(frozen=True, slots=True)
class System:
    """One system.

    Attributes:
        store: holds its data.
        tier: of the policy, which says how soon it has to be back.
        after: the procedures of the systems that have to be back before it.
        good: what it was like when all was well, beside its last backup.
    """

    store: Store
    tier: str
    after: tuple[str, ...]
    good: Backup

    def noted(self) -> System:
        """Return the system with what it is like now as what it has to be like again."""
        good = replace(self.good, held=self.store.fingerprint(), healthy=self.store.health())
        return replace(self, good=good)


Estate = Mapping[str, System]
"""The systems by their procedure, in an order in which they can be recovered."""


def back_up(policy: Policy, stores: Mapping[str, Store], *, runbook: Runbook) -> Estate:
    """Back up every system of the policy's order of recovery, side by side.

    Args:
        policy: its order of recovery says what belongs to the estate.
        stores: by procedure; what is not among them is no part of this drill, and the evidence says so.
        runbook: whose backup procedures are run.

    Raises:
        DrillError: the policy has no order of recovery.
        Disproof: one could not be backed up.
    """
    steps = [step for step in policy.recovery if step.procedure in stores]
    if not steps:
        raise DrillError("the policy has no order of recovery", remedy="add [[recovery]] entries to policy.toml")
    left_out = [step.procedure for step in policy.recovery if step.procedure not in stores]
    attach_text("not in this drill", ", ".join(left_out) or "nothing")
    taken = _taken([stores[step.procedure] for step in steps], runbook)
    return {
        step.procedure: System(stores[step.procedure], step.tier, step.after, backup)
        for step, backup in zip(steps, taken, strict=True)
    }


def back_up_again(estate: Estate, *, runbook: Runbook) -> Estate:
    """Take one more backup of every system, as the schedule would, and return the estate beside these.

    Raises:
        Disproof: one could not be backed up.
    """
    taken = _taken([system.store for system in estate.values()], runbook)
    return {name: replace(estate[name], good=backup) for name, backup in zip(estate, taken, strict=True)}


def work(estate: Estate, name: str, writes: range) -> Estate:
    """Commit ledger writes to a database and have them archived; what it then holds is what has to come back.

    Raises:
        DrillError: the system keeps no log.
    """
    store = database(estate, name)
    store.archive_writes(writes)
    return {**estate, name: estate[name].noted()}


def database(estate: Estate, name: str) -> ClusterStore:
    """Return the store of a system that can be recovered to any moment.

    Raises:
        DrillError: the system keeps no log.
    """
    store = estate[name].store
    if not isinstance(store, ClusterStore):
        raise DrillError(f"{name} keeps no log", remedy="name a procedure that archives it in [[recovery]]")
    return store


def copy(estate: Estate, *, site: Site, runbook: Runbook) -> None:
    """Copy the backups of every system to the other site, side by side, and the logs that the policy has copied.

    Raises:
        Disproof: one could not be copied.
    """
    stores = [each.store for each in estate.values()]
    kept = [store for store in stores if runbook.policy.scheduled(store.procedure, "copy-log")]
    with ThreadPoolExecutor(len(estate), thread_name_prefix="copy") as pool:
        copies = [pool.submit(offsite.copied, store, site=site, runbook=runbook) for store in stores]
        logs = [pool.submit(offsite.log_copied, store, site=site, runbook=runbook) for store in kept]
        for copied in (*copies, *logs):
            copied.result()


def lose_backups(estate: Estate, *names: str, runbook: Runbook) -> None:
    """Lose every backup and the kept log of some systems, as with the disk that they were on."""
    for name in names:
        runbook.lose_backups(estate[name].store)


def _taken(stores: Sequence[Store], runbook: Runbook) -> list[Backup]:
    with ThreadPoolExecutor(len(stores), thread_name_prefix="backup") as pool:
        taken = list(pool.map(lambda store: backups.take(store, runbook=runbook), stores))
    for backup in taken:
        backup.id  # noqa: B018 - a backup that failed is told here, not in the middle of a disaster
    return taken
