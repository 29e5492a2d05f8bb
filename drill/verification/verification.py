"""Verifies a repository: reads all of it, restores each backup to each moment that is known of it, and judges."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from drill.backups import catalogue
from drill.backups.catalogue import StoredBackup
from drill.commands.runbook import REFUSED, Outcome, Runbook
from drill.evidence.journal import Journal
from drill.inventory import SetInventory
from drill.policy import Policy, Procedure
from drill.recoveries.moments import BACKUP_END, END
from drill.rehearsal import record as records
from drill.rehearsal.record import Record, RecordedSet, RecordError, State
from drill.runtimes import Engine
from drill.verification import reading
from drill.verification.finding import Finding
from drill.verification.report import Report, Restoration
from drill.verification.restoration import Expected, judged
from drill.verification.targets import Targets

Tell = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Request:
    """What of a repository is to be verified.

    Attributes:
        only: the set; None: all.
        backup: the id of the one backup to restore; of others no byte is read; None: all.
        moment: the one recovery target to restore to; None: all that are recorded.
        newest: restore so many of each set, the newest; None: all.
        expected_record: the checksum that the record must have; None: whatever it says of itself.
    """

    only: str | None = None
    backup: str | None = None
    moment: str | None = None
    newest: int | None = None
    expected_record: str | None = None

    @property
    def whole(self) -> bool:
        """Whether it is about the repository, and not about one set or one backup."""
        return self.only is None and self.backup is None


EVERYTHING = Request()


def verify(
    repository: Path,
    *,
    policy: Policy,
    targets: Targets,
    request: Request = EVERYTHING,
    workers: int = 1,
    tell: Tell = lambda _: None,
) -> Report:
    """Verify a repository, in which nothing is written.

    Args:
        repository: holds the sets.
        policy: has the procedures that restore them.
        targets: where they are restored to.
        request: what is verified.
        workers: so many restores at once.
        tell: is told what goes on.

    Raises:
        DrillError: there is no such repository or set, or it cannot be read.
    """
    started, now = time.monotonic(), datetime.now(UTC)
    work = _Verifying(repository, policy, targets, request, tell)
    read, jobs = work.read(now)
    restored_from = {job.backup.directory for job in jobs}
    stamp = reading.Stamp.of(restored_from)
    with ThreadPoolExecutor(workers) as pool:
        restorations = list(pool.map(work.restore, jobs))
    if reading.Stamp.of(restored_from) != stamp:
        read.append(Finding("REPOSITORY-TOUCHED", str(repository), "its backups are not what they were before"))
    return Report(
        repository=repository,
        at=now,
        took=timedelta(seconds=time.monotonic() - started),
        runtime=targets.runtime.name,
        versions={engine: str(targets.runtime.version(engine)) for engine in Engine},
        read=read,
        restorations=restorations,
        unasked=work.unasked,
    )


@dataclass(frozen=True, slots=True)
class _Job:
    """One backup that is to be restored to one moment."""

    procedure: Procedure
    backup: StoredBackup
    target: str
    state: State | None
    flawed: bool


class _Verifying:
    """One verification."""

    def __init__(self, repository: Path, policy: Policy, targets: Targets, request: Request, tell: Tell) -> None:
        self._repository = repository
        self._policy = policy
        self._targets = targets
        self._request = request
        self._tell = tell
        self.unasked: list[str] = []
        self._runbook = Runbook(
            policy, repository=repository.absolute(), directory=policy.directory.absolute(), journal=Journal()
        )

    def read(self, now: datetime) -> tuple[list[Finding], list[_Job]]:
        """Return what is found without a restore, and what is to be restored."""
        taken, findings = reading.of_catalogue(
            self._repository, now=now, only=self._request.only, backup=self._request.backup
        )
        if not taken.sets:
            findings.append(Finding("NO-SETS", str(self._repository), "it holds no set"))
        findings += reading.of_rights(self._repository, [found.name for found in taken.sets])
        if self._policy.encryption:
            findings += reading.of_secrecy(self._repository, [found.name for found in taken.sets])
        record = self._record(findings)
        if record:
            findings += reading.of_record(record, taken, only=self._request.only)
        if taken.sets and self._request.whole:
            self.unasked, missing = reading.of_procedures(self._policy, record, taken)
            findings += missing
        jobs = [job for found in taken.sets for job in self._jobs(found, record, findings)]
        if self._request.backup is not None and not any(each.backup.id == self._request.backup for each in jobs):
            what = f"{self._repository} holds no backup {self._request.backup!r} that could be restored"
            findings.append(Finding("NO-SUCH-BACKUP", self._request.backup, what))
        return findings, jobs

    def restore(self, job: _Job) -> Restoration:
        """Restore and judge one."""
        place = f"{job.backup.manifest.set}/{job.backup.id}"
        self._tell(f"restoring {place} to {job.target}")
        with self._targets.blank(job.procedure, job.backup) as store, ThreadPoolExecutor(1) as reader:
            # The restore is a process of its own, which leaves time to read what is expected of it.
            expecting = reader.submit(self._expected, job)
            outcome = self._runbook.restore(store, job.backup.id, target=job.target)
            try:
                expected = expecting.result()
            except RecordError as error:
                return _altered(place, job.target, outcome, error)
            done = judged(place, job.target, outcome, expected, store=store, flawed=job.flawed)
        if expected:
            return done
        unrecorded = Finding("CONTENT-UNRECORDED", place, "what its source held is not on record")
        return replace(done, findings=(*done.findings, unrecorded))

    def _expected(self, job: _Job) -> Expected | None:
        if job.state is None:
            return None
        return Expected(records.held(job.state, self._repository), job.state.answer)

    def _record(self, findings: list[Finding]) -> Record | None:
        place = str(self._repository / records.PLACE)
        try:
            record = Record.read(self._repository)
        except RecordError as error:
            findings.append(Finding("RECORD-ALTERED" if error.altered else "RECORD-MISSING", place, error.what))
            return None
        if self._request.expected_record not in (None, record.checksum):
            what = f"its checksum is {record.checksum}, noted was {self._request.expected_record}"
            findings.append(Finding("RECORD-ALTERED", place, what))
        return record

    def _jobs(self, found: SetInventory, record: Record | None, findings: list[Finding]) -> Iterator[_Job]:
        recorded = record.of(found.name) if record else None
        procedure = self._procedure(found.name, recorded)
        if procedure is None:
            findings.append(Finding("SET-UNKNOWN", found.name, "no procedure of the policy keeps this set"))
            return
        entries = found.backups
        if self._request.newest is not None and self._request.backup is None:
            older = entries[: -self._request.newest]
            entries = entries[-self._request.newest :]
            if older:
                findings.append(Finding("NOT-RESTORED", found.name, f"{len(older)} older backups were not restored"))
        last = entries[-1].id if entries else None
        for entry in entries:
            if self._request.backup not in (None, entry.id):
                continue
            backup = catalogue.read(self._repository / found.name / entry.id)
            if recorded:
                findings.extend(reading.of_identity(found.name, recorded, backup.manifest))
            if obstacle := self._targets.obstacle(procedure, backup):
                findings.append(Finding("TARGET-MISSING", f"{found.name}/{entry.id}", obstacle))
                continue
            for target, state in _moments(recorded, entry.id, procedure, newest=entry.id == last):
                if self._request.moment in (None, target):
                    yield _Job(procedure, backup, target, state, flawed=bool(entry.flaws))

    def _procedure(self, set_name: str, recorded: RecordedSet | None) -> Procedure | None:
        fitting = [each for each in self._policy.procedures.values() if each.set == set_name]
        by_name = {each.name: each for each in fitting}
        return by_name.get(recorded.procedure if recorded else "", fitting[0] if fitting else None)


def _altered(place: str, target: str, outcome: Outcome, error: RecordError) -> Restoration:
    altered = Finding("RECORD-ALTERED", place, error.what)
    touched = outcome.status != REFUSED
    return Restoration(place, target, compared=False, touched=touched, took=outcome.took, findings=(altered,))


def _moments(
    recorded: RecordedSet | None, backup: str, procedure: Procedure, *, newest: bool
) -> Sequence[tuple[str, State | None]]:
    """Return the moments of a backup that are restored; where none is on record, its own and, last of all, the end."""
    known = [(state.target, state) for state in (recorded.states if recorded else ()) if state.backup == backup]
    if known:
        return known
    if procedure.fetch is None:
        return [(END, None)]
    return [(BACKUP_END, None), *([(END, None)] if newest else [])]
