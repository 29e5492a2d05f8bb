"""Runs the commands that policy.toml names, as an operator would, and tells what came of it. Attempts never raise."""

from __future__ import annotations

import copy
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from drill.backups.catalogue import LOG
from drill.commands.execution import DONE, FAILED, INHERITED, REFUSED, WRONG_ARGUMENTS, Outcome, end, run
from drill.commands.search_path import search_path
from drill.errors import DrillError
from drill.evidence.journal import Journal, Kind
from drill.evidence.redaction import conceal
from drill.policy import Command, Policy, Procedure, Schedule
from drill.policy import Kind as Verb
from drill.progress import working_on
from drill.recoveries.moments import END
from drill.sites import Account, Site
from drill.stores import Store
from drill.waiting import Patience, eventually

__all__ = ["DONE", "FAILED", "REFUSED", "WRONG_ARGUMENTS", "Outcome", "Runbook"]

# What any program may know of its surroundings. Everything else stays out, production's addresses first of all.
AMBIENT = ("HOME", "LANG", "LC_ALL", "TERM", "TMPDIR", "TZ", "USER")
PLACEHOLDERS = {
    "backup_id": "BACKUP_ID",
    "parent_id": "BACKUP_PARENT_ID",
    "target": "RESTORE_TARGET",
    "recovery_target": "RECOVERY_TARGET",
}
"""What a command line may name, and the variable that holds the same fact."""
# What a variable that holds a secret is called.
SECRETIVE = re.compile("SECRET|PASS|TOKEN|KEY|CREDENTIAL|AUTH", re.IGNORECASE)


class Runbook:
    """The policy's procedures, pointed at one repository."""

    def __init__(self, policy: Policy, *, repository: Path, directory: Path, journal: Journal) -> None:
        """Remember where things are.

        Args:
            policy: whose procedures are run.
            repository: the directory that holds the sets.
            directory: where the commands start, so that ``-m backup_scripts.…`` and relative paths are found.
            journal: where the backup and recovery logs are kept.
        """
        self.policy = policy
        self.repository = repository
        self._directory = directory
        self.journal = journal
        self._umask = INHERITED
        self._variables: Mapping[str, str] = {}

    def with_policy(self, policy: Policy) -> Runbook:
        """Return this runbook with the procedures of another policy."""
        other = copy.copy(self)
        other.policy = policy
        return other

    def with_umask(self, umask: int) -> Runbook:
        """Return this runbook with commands that begin with another umask."""
        other = copy.copy(self)
        other._umask = umask
        return other

    def with_variables(self, variables: Mapping[str, str]) -> Runbook:
        """Return this runbook with commands that see more variables."""
        other = copy.copy(self)
        other._variables = variables
        return other

    def set_of(self, store: Store) -> Path:
        """Return the directory of the store's backup set."""
        return self.repository / self._procedure(store.procedure).set

    def back_up(self, store: Store, *, now: datetime | None = None, in_series: bool = False) -> Outcome:
        """Take a backup of the store; one of a series is one whose success or failure is counted."""
        outcome = self._run(store.procedure, "backup", store.environment(), now=now)
        self._log(Kind.BACKUP, store, outcome, in_series=in_series)
        return outcome

    def back_up_changes(self, store: Store, *, parent: str, in_series: bool = False) -> Outcome:
        """Take an incremental backup of the store: what has changed since the parent."""
        outcome = self._run(store.procedure, "incremental", {**store.environment(), "BACKUP_PARENT_ID": parent})
        self._log(Kind.BACKUP, store, outcome, parent=parent, in_series=in_series)
        return outcome

    def take_scheduled(self, store: Store, entry: Schedule, *, now: datetime) -> Outcome:
        """Take a backup as a scheduler would, which knows of no other: an increment finds its parent by itself."""
        tier = {"BACKUP_TIER": entry.tier} if entry.tier else {}
        outcome = self._run(store.procedure, entry.action, {**store.environment(), **tier}, now=now)
        self._log(Kind.BACKUP, store, outcome, due=now.isoformat())
        return outcome

    def kill_backup(self, store: Store, *, once: Callable[[], bool] | None = None) -> Outcome:
        """Begin a backup of the store and end it with SIGKILL as soon as something of it is in the repository.

        Args:
            store: what is backed up.
            once: what else has to have happened, where that is not enough.

        Raises:
            StillWaiting: nothing of it ever appeared.
            DrillError: it ended by itself before that.
        """
        before = set(self._entries(store))
        outcome = self._killed(
            store,
            "backup",
            store.environment(),
            once=lambda: bool(set(self._entries(store)) - before) and (once is None or once()),
        )
        self._log(Kind.BACKUP, store, outcome)
        return _half_way(outcome)

    def kill_restore(self, store: Store, backup_id: str, *, once: Callable[[], bool]) -> Outcome:
        """Begin to restore a backup onto the store's target and end it with SIGKILL as soon as something has happened.

        Raises:
            StillWaiting: it never happened.
            DrillError: it ended by itself before that.
        """
        facts = {"RECOVERY_TARGET": END, "BACKUP_ID": backup_id}
        outcome = self._killed(store, "restore", {**store.environment(), **facts}, once=once)
        self._log(Kind.RECOVERY, store, outcome, backup=backup_id, target=END)
        return _half_way(outcome)

    def _killed(self, store: Store, verb: Verb, environment: Mapping[str, str], *, once: Callable[[], bool]) -> Outcome:
        def kill_half_way(process: subprocess.Popen[bytes]) -> None:
            begun = f"something to come of the {verb}"
            eventually(begun, lambda: process.poll() is not None or once(), Patience.BACKUP_BEGUN)
            end(process)

        return self._run(store.procedure, verb, environment, meanwhile=kill_half_way)

    def _entries(self, store: Store) -> list[str]:
        directory = self.set_of(store)
        return [entry.name for entry in directory.iterdir() if entry.is_dir()] if directory.is_dir() else []

    def restore(self, store: Store, backup_id: str | None, *, target: str = END) -> Outcome:
        """Restore one backup onto the store's target, or the one that the command chooses for that moment."""
        facts = {"RECOVERY_TARGET": target} | ({"BACKUP_ID": backup_id} if backup_id else {})
        outcome = self._run(store.procedure, "restore", {**store.environment(), **facts})
        self._log(Kind.RECOVERY, store, outcome, backup=backup_id, target=target)
        return outcome

    def prune(
        self, procedure: str, *, now: datetime, meanwhile: Callable[[subprocess.Popen[bytes]], None] = lambda _: None
    ) -> Outcome:
        """Remove the backups of a set whose term is over at that time; ``meanwhile`` as `run` has it."""
        return self._run(procedure, "prune", {}, now=now, meanwhile=meanwhile)

    def verify(self, procedure: str, *, now: datetime) -> Outcome:
        """Read the stored backups of a set again, as if it were that time."""
        return self._run(procedure, "verify", {}, now=now)

    def copy_offsite(
        self, store: Store, site: Site, *, meanwhile: Callable[[subprocess.Popen[bytes]], None] = lambda _: None
    ) -> Outcome:
        """Copy the store's backups to a site, by the account that may write there; ``meanwhile`` as `run` has it."""
        outcome = self._offsite(store, "copy", site.account("backup"), meanwhile=meanwhile)
        self._log(Kind.BACKUP, store, outcome, site=site.name)
        return outcome

    def copy_log(self, store: Store, site: Site) -> Outcome:
        """Copy the archived log of the store's server to a site, by the account that may write there."""
        outcome = self._offsite(store, "copy_log", site.account("backup"))
        self._log(Kind.BACKUP, store, outcome, site=site.name)
        return outcome

    def fetch_from_site(
        self, store: Store, site: Site, backup_id: str | None, *, as_of: datetime | None = None
    ) -> Outcome:
        """Fetch one backup from a site, or the one that the command chooses, by an account that may only read.

        Args:
            store: whose backup it is.
            site: has it.
            backup_id: None leaves the choice to the command.
            as_of: fetches what the site held then.
        """
        return self._offsite(store, "fetch", site.account("recovery"), backup_id=backup_id, as_of=as_of)

    def verify_at_site(self, store: Store, site: Site) -> Outcome:
        """Verify the store's copies where they are, by an account that may only read."""
        return self._offsite(store, "verify", site.account("recovery"))

    def lose_backups(self, store: Store) -> None:
        """Lose every backup and the kept log of a store, as with the disk that they were on.

        What is left is the empty place of its set: a server reaches it where it always was.
        """
        for entry in self.set_of(store).iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()

    def set_aside(self, store: Store, *, log: bool) -> None:
        """Move the backups of a store out of the way, and its kept log, too, where that is asked for.

        What cannot be trusted stays for those who look into it, out of sight of whatever lists backups.
        """
        home = self.set_of(store)
        aside = self.repository / f".distrusted-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{home.name}"
        aside.mkdir(mode=0o700)
        for entry in home.iterdir():
            if log or entry.name not in LOG:
                entry.rename(aside / entry.name)

    def lose_repository(self) -> None:
        """Lose every backup that is kept here."""
        shutil.rmtree(self.repository)
        self.repository.mkdir(mode=0o700)

    def _offsite(
        self,
        store: Store,
        name: str,
        account: Account,
        *,
        backup_id: str | None = None,
        as_of: datetime | None = None,
        meanwhile: Callable[[subprocess.Popen[bytes]], None] = lambda _: None,
    ) -> Outcome:
        offsite = self.policy.offsite
        if offsite is None:
            raise DrillError("the policy has no off-site copy", remedy="add [offsite] to policy.toml")
        environment = {**offsite.settings, **account.variables(*offsite.credentials)}
        if backup_id:
            environment["BACKUP_ID"] = backup_id
        if as_of:
            environment["OFFSITE_AS_OF"] = as_of.isoformat()
        if name not in offsite.commands:
            raise DrillError(f"the policy has no off-site {name}", remedy=f"add {name} = … to [offsite] of policy.toml")
        command, surroundings, limit = self._prepared(
            store.procedure, "copy", environment, command=offsite.commands[name]
        )
        with working_on(f"off-site {name} of {store.procedure}"):
            return self._started(command, surroundings, limit, meanwhile=meanwhile)

    def _run(
        self,
        procedure: str,
        verb: Verb,
        environment: Mapping[str, str],
        *,
        now: datetime | None = None,
        meanwhile: Callable[[subprocess.Popen[bytes]], None] = lambda _: None,
    ) -> Outcome:
        command, surroundings, limit = self._prepared(procedure, verb, environment, now=now)
        with working_on(f"{verb} of {procedure}"):
            return self._started(command, surroundings, limit, meanwhile=meanwhile)

    def _started(
        self,
        command: list[str],
        environment: Mapping[str, str],
        limit: timedelta,
        *,
        meanwhile: Callable[[subprocess.Popen[bytes]], None] = lambda _: None,
    ) -> Outcome:
        return run(
            command,
            environment=environment,
            directory=self._directory,
            limit=limit,
            umask=self._umask,
            meanwhile=meanwhile,
        )

    def _prepared(
        self,
        procedure: str,
        verb: Verb,
        environment: Mapping[str, str],
        *,
        now: datetime | None = None,
        command: Command | None = None,
    ) -> tuple[list[str], dict[str, str], timedelta]:
        facts = self._procedure(procedure)
        passed = {name: os.environ[name] for name in (*AMBIENT, *facts.pass_environment) if name in os.environ}
        for name in filter(SECRETIVE.search, passed):
            conceal(passed[name])
        contract = {
            "BACKUP_REPOSITORY": str(self.repository),
            "BACKUP_SET": facts.set,
            **self.policy.retention.variables,
        }
        if self.policy.encryption:
            contract |= self.policy.encryption.variables(verb, directory=self.policy.directory)
        if now is not None:
            contract["BACKUP_NOW"] = now.isoformat()
        command = command or self.policy.command(procedure, verb)
        known = {fact: environment[name] for fact, name in PLACEHOLDERS.items() if name in environment}
        surroundings = {**passed, "PATH": search_path(), **environment, **contract, **self._variables}
        return command.argv(known), surroundings, self.policy.time_limit(procedure, verb)

    def _procedure(self, name: str) -> Procedure:
        if name not in self.policy.procedures:
            raise DrillError(f"no procedure {name!r}", remedy=f"add [procedures.{name}] to policy.toml")
        return self.policy.procedures[name]

    def _log(self, kind: Kind, store: Store, outcome: Outcome, **facts: str | bool | None) -> None:
        self.journal.event(
            kind,
            procedure=store.procedure,
            command=" ".join(outcome.command),
            status=outcome.status,
            seconds=outcome.took.total_seconds(),
            reason=outcome.reason,
            **{"backup": outcome.result.get("id"), **facts},
        )


def _half_way(outcome: Outcome) -> Outcome:
    if outcome.status != -signal.SIGKILL:
        raise DrillError(f"not killed half way: {outcome}", remedy="where it was too fast, raise --scale")
    return outcome
