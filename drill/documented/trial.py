"""One of the document's commands, tried, beside what is on record about it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from drill.documented.cache_desk import CacheDesk
from drill.documented.cache_trials import CACHE_TRIALS
from drill.documented.compose_trials import COMPOSE_TRIALS
from drill.documented.desk import Desk
from drill.documented.host_desk import HostDesk
from drill.documented.host_trials import HOST_TRIALS
from drill.documented.machine_desk import MachineDesk
from drill.documented.machine_trials import CORRECTED, MACHINE_TRIALS
from drill.documented.trials import TRIALS
from drill.errors import DrillError
from drill.evidence.attachments import attach_csv
from drill.hosts import AppHost
from drill.machines.rescue import LostMachine
from drill.policy import Documented, Policy
from drill.servers.postgres import PostgresClusters
from drill.servers.redis import RedisServers
from drill.stores import DatabaseStore


@dataclass(frozen=True, slots=True)
class Trial:
    """What a command was found wanting in, and what the record says of it."""

    record: Documented
    found: tuple[str, ...]

    @property
    def contradictions(self) -> list[str]:
        """Everything in which record and reality differ, sorted; [] says that the record is true."""
        return sorted(
            [
                *(f"not on record: {each}" for each in self.found if each not in self.record.deviations),
                *(f"on record, but not so: {each}" for each in self.record.deviations if each not in self.found),
            ]
        )


def tried(identifier: str, *, store: DatabaseStore, policy: Policy, clusters: PostgresClusters) -> Trial:
    """Carry out a command of the document and show what it did, beside what it is for and what is done instead.

    Raises:
        DrillError: nobody has written a trial for this command.
    """
    record = policy.documented_command(identifier)
    if identifier not in TRIALS:
        raise DrillError(f"no trial for {identifier!r}", remedy=f"use one of {', '.join(TRIALS)}")
    # In the run's own workspace, which is swept should the run be killed.
    with tempfile.TemporaryDirectory(prefix="desk-", dir=store.server.service.home.parent) as directory:
        trial = Trial(record, tuple(TRIALS[identifier](Desk(store, policy, clusters, Path(directory)))))
    _show(trial)
    return trial


def tried_on_cache(identifier: str, *, policy: Policy, servers: RedisServers) -> Trial:
    """Carry out a Redis command of the document on servers of its own and show the same.

    Raises:
        DrillError: nobody has written a trial for this command.
    """
    record = policy.documented_command(identifier)
    if identifier not in CACHE_TRIALS:
        raise DrillError(f"no trial for {identifier!r}", remedy=f"use one of {', '.join(CACHE_TRIALS)}")
    with tempfile.TemporaryDirectory(prefix="documented-") as directory:
        trial = Trial(record, tuple(CACHE_TRIALS[identifier](CacheDesk(policy, servers, Path(directory)))))
    _show(trial)
    return trial


def tried_on_host(identifier: str, *, policy: Policy, host: AppHost, repository: Path) -> Trial:
    """Carry out a command of the document for files or source code on a host of its own and show the same.

    Raises:
        DrillError: nobody has written a trial for this command, or this machine cannot hold what it may lose.
    """
    record = policy.documented_command(identifier)
    trials = HOST_TRIALS | COMPOSE_TRIALS
    if identifier not in trials:
        raise DrillError(f"no trial for {identifier!r}", remedy=f"use one of {', '.join(trials)}")
    with tempfile.TemporaryDirectory(prefix="desk-", dir=host.home) as directory:
        trial = Trial(record, tuple(trials[identifier](HostDesk(policy, host, repository, Path(directory)))))
    _show(trial)
    return trial


def recovered_as_documented(machine: LostMachine, *, policy: Policy) -> Mapping[str, tuple[str, ...]]:
    """Carry out all commands of the document that recover a whole machine, and return what each is found wanting in.

    Raises:
        DrillError: one has left nothing behind that the next can be tried on.
    """
    desk = MachineDesk(policy, machine)
    return {identifier: tuple(trial(desk)) for identifier, trial in MACHINE_TRIALS.items()}


def tried_on_machine(identifier: str, *, policy: Policy, found: Mapping[str, tuple[str, ...]]) -> Trial:
    """Show what one of these commands was found wanting in, beside what it is for and what is done instead.

    Raises:
        DrillError: nobody has written a trial for this command.
    """
    record = policy.documented_command(identifier)
    if identifier not in found:
        raise DrillError(f"no trial for {identifier!r}", remedy=f"use one of {', '.join(found)}")
    trial = Trial(record, found[identifier])
    _show(trial)
    return trial


def corrected(policy: Policy) -> Policy:
    """Return the policy as if the document had the commands that recover a whole machine as they should be."""
    entries = [
        each.model_copy(update={"command": CORRECTED[each.id], "deviations": ()}) if each.id in CORRECTED else each
        for each in policy.documented
    ]
    return policy.model_copy(update={"documented": tuple(entries)})


def _show(trial: Trial) -> None:
    record = trial.record
    attach_csv(
        "the document's command",
        [
            ("command", "claims to be", "turned out", "on record", "instead", "shown by"),
            (
                record.command,
                record.claims,
                "; ".join(trial.found) or "it does what it claims",
                "; ".join(record.deviations) or "nothing",
                record.instead,
                record.shown_by,
            ),
        ],
    )
