"""Runs the commands that policy.toml names, as an operator would, and tells what came of it. Attempts never raise."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from drill.errors import DrillError
from drill.evidence.journal import Journal, Kind
from drill.evidence.redaction import redacted
from drill.policy import Kind as Verb
from drill.policy import Policy
from drill.search_path import search_path
from drill.stores import Store
from drill.waiting import Patience, eventually

# What any program may know of its surroundings. Everything else stays out, production's addresses first of all.
AMBIENT = ("HOME", "LANG", "LC_ALL", "TERM", "TMPDIR", "TZ", "USER")
DONE, FAILED, WRONG_ARGUMENTS, REFUSED = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one command.

    Attributes:
        command: its words.
        status: its exit status; negative where a signal ended it.
        took: by the monotonic clock.
        result: the JSON object on its last line of output, empty where there is none.
        diagnostics: what it wrote to stderr, secrets masked.
    """

    command: tuple[str, ...]
    status: int
    took: timedelta
    result: Mapping[str, Any]
    diagnostics: str

    @property
    def reason(self) -> str | None:
        """The slug of its error message, where it has one."""
        for line in reversed(self.diagnostics.splitlines()):
            head, _, rest = line.partition(": ")
            if head == "error" and ": " in rest:
                return rest.partition(": ")[0]
        return None

    def __str__(self) -> str:
        return f"{' '.join(self.command)}: exit status {self.status} after {self.took.total_seconds():.2f} s\n{self.diagnostics}"


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

    def set_of(self, store: Store) -> Path:
        """Return the directory of the store's backup set."""
        return self.repository / self.policy.procedures[store.procedure].set

    def back_up(self, store: Store, *, now: datetime | None = None) -> Outcome:
        """Take a backup of the store."""
        outcome = self._run(store.procedure, "backup", store.environment(), now=now)
        self._log(Kind.BACKUP, store, outcome)
        return outcome

    def kill_backup(self, store: Store) -> Outcome:
        """Begin a backup of the store and end it with SIGKILL as soon as something of it is in the repository.

        Raises:
            StillWaiting: nothing of it ever appeared.
        """
        before = set(self._entries(store))
        command, environment, limit = self._prepared(store.procedure, "backup", store.environment())

        def kill_half_way(process: subprocess.Popen[str]) -> None:
            eventually("something of the backup", lambda: set(self._entries(store)) - before, Patience.BACKUP_BEGUN)
            process.kill()

        outcome = run(command, environment=environment, directory=self._directory, limit=limit, meanwhile=kill_half_way)
        self._log(Kind.BACKUP, store, outcome)
        return outcome

    def _entries(self, store: Store) -> list[str]:
        directory = self.set_of(store)
        return [entry.name for entry in directory.iterdir() if entry.is_dir()] if directory.is_dir() else []

    def restore(self, store: Store, backup_id: str) -> Outcome:
        """Restore one backup onto the store's target."""
        outcome = self._run(store.procedure, "restore", {**store.environment(), "BACKUP_ID": backup_id})
        self._log(Kind.RECOVERY, store, outcome, backup=backup_id)
        return outcome

    def prune(self, procedure: str, *, now: datetime) -> Outcome:
        """Remove the backups of a set whose term is over at that time."""
        return self._run(procedure, "prune", {}, now=now)

    def _run(
        self, procedure: str, verb: Verb, environment: Mapping[str, str], *, now: datetime | None = None
    ) -> Outcome:
        command, surroundings, limit = self._prepared(procedure, verb, environment, now=now)
        return run(command, environment=surroundings, directory=self._directory, limit=limit)

    def _prepared(
        self, procedure: str, verb: Verb, environment: Mapping[str, str], *, now: datetime | None = None
    ) -> tuple[list[str], dict[str, str], timedelta]:
        facts = self.policy.procedures[procedure]
        ambient = {name: os.environ[name] for name in (*AMBIENT, *facts.pass_environment) if name in os.environ}
        contract = {
            "BACKUP_REPOSITORY": str(self.repository),
            "BACKUP_SET": facts.set,
            "RETENTION_DAYS": str(math.ceil(self.policy.retention.minimum / timedelta(days=1))),
        }
        if now is not None:
            contract["BACKUP_NOW"] = now.isoformat()
        command = self.policy.prune_command(procedure) if verb == "prune" else facts.command(verb)
        if command is None:
            raise DrillError(f"{procedure} has no {verb} command", remedy="add prune = … to [retention] of policy.toml")
        argv = command.argv({"backup_id": environment.get("BACKUP_ID", "")})
        return argv, {**ambient, "PATH": search_path(), **environment, **contract}, facts.time_limit

    def _log(self, kind: Kind, store: Store, outcome: Outcome, **facts: str) -> None:
        self.journal.event(
            kind,
            procedure=store.procedure,
            command=" ".join(outcome.command),
            status=outcome.status,
            seconds=outcome.took.total_seconds(),
            reason=outcome.reason,
            **{"backup": outcome.result.get("id"), **facts},
        )


def run(
    command: list[str],
    *,
    environment: Mapping[str, str],
    directory: Path,
    limit: timedelta,
    meanwhile: Callable[[subprocess.Popen[str]], None] = lambda _: None,
) -> Outcome:
    """Run one command without a shell and return what came of it; over the limit, it and its children are killed.

    ``meanwhile`` is called once the process runs.
    """
    started = time.monotonic()
    try:
        process = subprocess.Popen(
            command,
            env=dict(environment),
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        said = f"error: command-not-found: {command[0]}: {error.strerror}; correct the procedure in policy.toml"
        return Outcome(tuple(command), 127, timedelta(seconds=time.monotonic() - started), {}, said)
    try:
        meanwhile(process)
        output, diagnostics = process.communicate(timeout=limit.total_seconds())
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, diagnostics = process.communicate()
        diagnostics += f"\nerror: over-time: killed after {limit}; raise time_limit in policy.toml if that is too short"
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    took = timedelta(seconds=time.monotonic() - started)
    return Outcome(tuple(command), process.returncode, took, _last_object(output), redacted(diagnostics))


def _last_object(output: str) -> Mapping[str, Any]:
    lines = output.rstrip().splitlines()
    try:
        value = json.loads(lines[-1]) if lines else {}
    except json.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}
