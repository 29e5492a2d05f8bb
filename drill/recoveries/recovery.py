"""The recovery clock: from the declaration of a disaster to the first correct answer, phase by phase."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from types import MappingProxyType

import psycopg
import redis

from drill.backups.backup import Backup
from drill.commands.runbook import DONE, FAILED, Outcome, Runbook
from drill.errors import DrillError
from drill.evidence.attachments import attach_json, attach_text, part
from drill.evidence.journal import Kind
from drill.evidence.verdict import Disproof
from drill.fingerprints import FingerprintError
from drill.machines import Silent
from drill.recoveries.moments import END
from drill.servers.process import ServerError
from drill.stores import Store
from drill.waiting import StillWaiting

NOT_TRIED = Outcome((), FAILED, timedelta(0), {}, "error: not-tried: no restore was tried; see the provision phase")
PHASES = ("provision", "fetch", "restore", "replay", "verify")
NO_ANSWER = (
    psycopg.Error,
    redis.RedisError,
    Silent,
    FingerprintError,
    FileNotFoundError,
    NotADirectoryError,
    PermissionError,
)
"""What a client raises where a service has no answer: it is away, or what it was asked for is not there."""


def _untold(_phase: str) -> None:
    """Tell nobody of a phase."""


class Recovery:
    """One recovery, timed with the monotonic clock; it starts when it is made.

    ``outcome`` is what came of the restore command, ``replayed`` whether the server, where it had a log to replay, came
    to the end of it, ``answer`` the service's first answer, None where it gave none.
    """

    def __init__(self, *, begun: Callable[[str], object] = _untold, passed: Callable[[str], object] = _untold) -> None:
        """Start the clock.

        Args:
            begun: is told the name of each phase just before anything of it is done.
            passed: is told the name of each phase as soon as it is over.
        """
        self.declared_at = time.monotonic()
        self._begun = begun
        self._passed = passed
        self.outcome = NOT_TRIED
        self.answer: tuple[object, ...] | None = None
        self.replayed = True
        self._phases: dict[str, timedelta] = {}
        self._answered_at: float | None = None

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time one of ``PHASES``.

        Raises:
            DrillError: no such phase, or it was timed before, or it took no time at all: then nothing was done.
        """
        if name not in PHASES:
            raise DrillError(f"no phase {name!r}", remedy=f"use one of {', '.join(PHASES)}")
        if name in self._phases:
            raise DrillError(f"the phase {name!r} is over", remedy="time each phase once")
        self._begun(name)
        started = time.monotonic()
        with part(name):
            yield
        self._phases[name] = _positive(name, time.monotonic() - started)
        self._passed(name)

    def answered(self) -> None:
        """Stop the clock: the service has given its first correct answer; later ones change nothing."""
        if self._answered_at is None:
            self._answered_at = time.monotonic()

    @property
    def phases(self) -> Mapping[str, timedelta]:
        """What each phase took, in the order in which they ran."""
        return MappingProxyType(self._phases)

    @property
    def has_answered(self) -> bool:
        """Whether the service has answered correctly."""
        return self._answered_at is not None

    @property
    def took(self) -> timedelta:
        """The whole time from declaration to first correct answer.

        Raises:
            Disproof: there was no correct answer, so there is no recovery time.
        """
        if self._answered_at is None:
            raise Disproof("the service never answered correctly", remedy="see the restore's output")
        return _positive("recovery", self._answered_at - self.declared_at)


def lose_and_recover(
    store: Store,
    backup: Backup,
    *,
    backup_id: str | None,
    runbook: Runbook,
    target: str = END,
    fetch: Callable[[], Outcome] | None = None,
) -> Recovery:
    """Lose a store, provision a blank target in its place, restore onto it and ask it its first question.

    Args:
        store: loses everything at once.
        backup: tells the answer that the service must give.
        backup_id: which backup is restored; None leaves the choice to the procedure.
        runbook: whose restore procedure is run.
        target: the moment to recover to, as the contract writes it, where the procedure knows moments.
        fetch: brings the backup here first; where it fails, nothing is restored.
    """
    store.lose()
    recovery = Recovery()
    runbook.journal.event(Kind.INCIDENT, what=f"{store.procedure} lost", declared=True)
    provision(store, recovery)
    recover(store, recovery, healthy=backup.healthy, backup_id=backup_id, runbook=runbook, target=target, fetch=fetch)
    return recovery


def provision(store: Store, recovery: Recovery) -> None:
    """Provision a blank target in the place of a store that has been lost, or taken out of service."""
    with recovery.phase("provision"):
        store.provision()


def recover(
    store: Store,
    recovery: Recovery,
    *,
    healthy: tuple[object, ...],
    backup_id: str | None,
    runbook: Runbook,
    target: str = END,
    fetch: Callable[[], Outcome] | None = None,
) -> None:
    """Restore onto the blank target that a store has become, and ask it its first question.

    Args:
        store: has been lost, or taken out of service, and provisioned.
        recovery: whose phases these are; its clock runs since the disaster was declared.
        healthy: the answer that the service must give.
        backup_id: which backup is restored; None leaves the choice to the procedure.
        runbook: whose restore procedure is run.
        target: the moment to recover to, as the contract writes it, where the procedure knows moments.
        fetch: brings the backup here first; where it fails, nothing is restored.
    """
    fetched = True
    if fetch is not None:
        with recovery.phase("fetch"):
            recovery.outcome = fetch()
        attach_text("fetch command", str(recovery.outcome))
        fetched = recovery.outcome.status == DONE
    if fetched:
        with recovery.phase("restore"):
            recovery.outcome = runbook.restore(store, backup_id, target=target)
    if recovery.outcome.status == DONE and store.replays:
        with recovery.phase("replay"):
            recovery.replayed = _replayed(store)
    if recovery.outcome.status == DONE and recovery.replayed:
        with recovery.phase("verify"):
            recovery.answer = _answer(store)
        if recovery.answer == healthy:
            recovery.answered()
    attach_text("restore command", str(recovery.outcome))
    attach_json("phases in seconds", {name: took.total_seconds() for name, took in recovery.phases.items()})


def lose_and_restore(store: Store, *, backup_id: str, runbook: Runbook, target: str = END) -> Recovery:
    """Lose a store and restore onto a blank target in its place, and stop there: no server is started on it."""
    store.lose()
    recovery = Recovery()
    provision(store, recovery)
    with recovery.phase("restore"):
        recovery.outcome = runbook.restore(store, backup_id, target=target)
    return recovery


def restore_onto(store: Store, *, backup_id: str, runbook: Runbook) -> Recovery:
    """Attempt to restore a backup onto a store that was not lost."""
    recovery = Recovery()
    recovery.outcome = runbook.restore(store, backup_id)
    return recovery


def _answer(store: Store) -> tuple[object, ...] | None:
    """Return the service's first answer; where a restore left it unable to give one, there is none."""
    try:
        return store.health()
    except (*NO_ANSWER, FingerprintError) as error:
        attach_text("instead of an answer", str(error))
        return None


def _replayed(store: Store) -> bool:
    """Tell whether the server started on what was restored and took writes in the end."""
    try:
        store.replay()
    except (ServerError, StillWaiting) as error:
        attach_text("instead of a replayed log", str(error))
        return False
    return True


def _positive(what: str, seconds: float) -> timedelta:
    took = timedelta(seconds=seconds)
    if took <= timedelta(0):
        raise DrillError(f"{what} took {took}", remedy="this is a defect of the clock or of the drill: report it")
    return took
