"""The policy: everything that policy.toml says, typed and validated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import ByteSize, Field, PrivateAttr, field_validator

from drill.policy.claims import Attestation, Criterion
from drill.policy.command import KINDS, SERVER_KINDS, Command, Kind, Procedure
from drill.policy.contradictions import KnownContradiction
from drill.policy.documented import Documented
from drill.policy.encryption import Encryption
from drill.policy.fields import Count, Duration, Image, Ratio, Section, Words, pinned
from drill.policy.gating import Gate
from drill.policy.notification import Notification
from drill.policy.offsite import Offsite
from drill.policy.problems import PolicyError, Problem, UnreadableValue, suggestion
from drill.policy.recovery import RecoveryStep, ordered
from drill.policy.retention import Retention
from drill.policy.routine import Routine
from drill.policy.schedule import Schedule
from drill.policy.storage import StoragePrice
from drill.policy.verification import Verification


class Document(Section):
    """The written policy that this file makes executable."""

    title: Words = Field(examples=["Backup & Recovery"])
    language: Words = Field(examples=["English, some headings Vietnamese"])
    version: Words = Field(examples=["1.0.0"])
    status: Words = Field(examples=["Draft"])
    last_updated: Words = Field(examples=["2026-01-31"])
    source: Path = Field(examples=["docs/source/backup-and-recovery.md"], description="seen from policy.toml")
    not_criteria: tuple[Words, ...] = Field((), description='what promises nothing: "heading" or "heading: clause"')


class Estate(Section):
    """The disposable data that a drill loses."""

    seed: int = Field(strict=True, examples=[20260101])
    scale: Count = 1


class Runtime(Section):
    """Where the disposable servers run, and the images for containers."""

    default: Literal["auto", "docker", "embedded"] = "auto"
    images: Mapping[Literal["postgres", "redis"], Image] = Field(examples=[{"postgres": "postgres:18"}])


class Host(Section):
    """The machine that the application runs on, as far as its files go."""

    not_kept: tuple[Words, ...] = Field((), examples=[["tmp"]], description="places that are left out on purpose")
    secrets: tuple[Words, ...] = Field(
        (), examples=[["etc/shadow"]], description="places of which a backup has to be encrypted"
    )


class Tier(Section):
    """Systems that have to be back within the same time."""

    rto: Duration = Field(examples=["4 h"])
    systems: tuple[Words, ...] = Field(examples=[["postgres"]])


class DataClass(Section):
    """Data of which the same span may be lost."""

    rpo: Duration = Field(examples=["1 h"])


class Backup(Section):
    """What is demanded of every backup run."""

    success_rate: Ratio = Field(examples=["99 %"])
    duration: Duration = Field(examples=["2 h"])


class Policy(Section):
    """A whole policy.toml. Load one with ``drill.policy.load``, which also checks what refers to what."""

    schema_version: Literal[1] = Field(alias="schema", examples=[1])
    document: Document
    estate: Estate
    runtime: Runtime
    tiers: Mapping[str, Tier] = Field(examples=[{"critical": {"rto": "4 h"}}])
    data: Mapping[str, DataClass] = Field(examples=[{"database": {"rpo": "1 h"}}])
    backup: Backup
    retention: Retention
    verification: Verification | None = None
    encryption: Encryption | None = None
    offsite: Offsite | None = None
    storage: StoragePrice | None = None
    production: Mapping[str, ByteSize] = Field(examples=[{"postgres": "500 GB"}])
    production_rates: Mapping[str, ByteSize] = Field(
        {}, examples=[{"postgres": "150 MB"}], description="measured on production's hardware, in bytes a second"
    )
    procedures: Mapping[str, Procedure]
    schedule: tuple[Schedule, ...]
    routines: tuple[Routine, ...] = ()
    host: Host = Field(default_factory=Host)
    recovery: tuple[RecoveryStep, ...] = Field((), description="in an order that keeps every after")
    criteria: tuple[Criterion, ...] = Field(min_length=1)
    attestations: tuple[Attestation, ...] = ()
    documented: tuple[Documented, ...] = ()
    gate: Gate = Field(default_factory=Gate)
    contradictions: tuple[KnownContradiction, ...] = ()
    notifications: tuple[Notification, ...] = ()
    contacts: Mapping[str, Mapping[str, Words]]

    _file: Path = PrivateAttr(default=Path("policy.toml"))

    @field_validator("recovery")
    @classmethod
    def _in_order(cls, steps: tuple[RecoveryStep, ...]) -> tuple[RecoveryStep, ...]:
        return ordered(steps)

    def __repr__(self) -> str:
        """Name the policy: all of it would fill the screen wherever an assertion about it fails."""
        return f"<policy {self._file.name} with {len(self.criteria)} criteria>"

    def model_post_init(self, context: Any) -> None:
        """Remember the file that the policy was read from."""
        if context:
            self._file = context["file"]

    @property
    def file(self) -> Path:
        """The file that the policy was read from."""
        return self._file

    @property
    def directory(self) -> Path:
        """Where the policy lies; its relative paths start here."""
        return self._file.absolute().parent

    def with_images(self, images: Mapping[str, str]) -> Policy:
        """Return this policy with other images for some engines.

        Raises:
            PolicyError: no such engine, or an image without a version.
        """
        for engine, image in images.items():
            if engine not in self.runtime.images:
                what, remedy = f"{engine!r} is no engine with an image", suggestion(engine, self.runtime.images)
                raise PolicyError([Problem(self.file, "runtime.images", what, remedy)])
            try:
                pinned(image)
            except UnreadableValue as error:
                raise PolicyError([Problem(self.file, f"runtime.images.{engine}", error.what, error.remedy)]) from error
        runtime = self.runtime.model_copy(update={"images": {**self.runtime.images, **images}})
        return self.model_copy(update={"runtime": runtime})

    def criterion(self, identifier: str) -> Criterion:
        """Return the criterion with this id.

        Raises:
            PolicyError: there is none.
        """
        for criterion in self.criteria:
            if criterion.id == identifier:
                return criterion
        known = [criterion.id for criterion in self.criteria]
        raise PolicyError(
            [Problem(self.file, "criteria", f"no criterion {identifier!r}", suggestion(identifier, known))]
        )

    def documented_command(self, identifier: str) -> Documented:
        """Return what is on record about a command of the document.

        Raises:
            PolicyError: nothing is.
        """
        for entry in self.documented:
            if entry.id == identifier:
                return entry
        known = [entry.id for entry in self.documented]
        what = f"nothing is on record about {identifier!r}"
        raise PolicyError([Problem(self.file, "documented", what, suggestion(identifier, known))])

    def with_deviations(self, identifier: str, *deviations: str) -> Policy:
        """Return this policy with another record of what is wrong with a command of the document."""
        changed = self.documented_command(identifier).model_copy(update={"deviations": deviations})
        entries = tuple(changed if entry.id == identifier else entry for entry in self.documented)
        return self.model_copy(update={"documented": entries})

    def with_record_of(self, contradiction: str) -> Policy:
        """Return this policy with one more contradiction on record."""
        record = KnownContradiction(id=contradiction, reason="somebody said so")
        return self.model_copy(update={"contradictions": (*self.contradictions, record)})

    def without_record_of(self, contradiction: str) -> Policy:
        """Return this policy with nothing on record about a contradiction."""
        left = tuple(each for each in self.contradictions if each.id != contradiction)
        return self.model_copy(update={"contradictions": left})

    def with_offsite(self, **changes: object) -> Policy:
        """Return this policy with other facts in [offsite]."""
        return self.model_copy(update={"offsite": self.offsite and self.offsite.model_copy(update=changes)})

    def with_retention(self, **changes: object) -> Policy:
        """Return this policy with other facts in [retention]."""
        return self.model_copy(update={"retention": self.retention.model_copy(update=changes)})

    def with_schedule(self, entries: Iterable[Schedule]) -> Policy:
        """Return this policy with another schedule."""
        return self.model_copy(update={"schedule": tuple(entries)})

    def with_routines(self, routines: Iterable[Routine]) -> Policy:
        """Return this policy with other routines."""
        return self.model_copy(update={"routines": tuple(routines)})

    def procedures_protecting(self, data: str) -> tuple[Procedure, ...]:
        """Return the procedures that back up a class of data; none means that nothing protects it."""
        return tuple(procedure for procedure in self.procedures.values() if procedure.data == data)

    def scheduled(self, procedure: str, action: Kind) -> list[Schedule]:
        """Return when a command of a procedure runs; nothing means that it is never run by itself."""
        return [entry for entry in self.schedule if (entry.procedure, entry.action) == (procedure, action)]

    def longest_gap(self, procedure: str, *actions: Kind) -> timedelta | None:
        """Return the longest time between two scheduled commands of a procedure; None where none is scheduled.

        Args:
            procedure: its name.
            actions: the kinds of command that count; without any, full backups.
        """
        entries = [entry for action in actions or ("backup",) for entry in self.scheduled(procedure, action)]
        return entries[0].longest_gap(*entries[1:]) if entries else None

    def prune_command(self, procedure: str) -> Command | None:
        """Return the command that removes a procedure's old backups: its own, or retention's for all."""
        return self.procedures[procedure].prune or self.retention.prune

    def verify_command(self, procedure: str) -> Command | None:
        """Return the command that reads a procedure's stored backups again: its own, or verification's for all."""
        return self.procedures[procedure].verify or (self.verification.verify if self.verification else None)

    def time_limit(self, procedure: str, kind: Kind) -> timedelta:
        """Return how long a command of a procedure may take: one that is for all has a limit of its own."""
        if kind == "verify" and self.verification and not self.procedures[procedure].verify:
            return self.verification.time_limit
        return self.procedures[procedure].time_limit

    def command(self, procedure: str, kind: Kind) -> Command:
        """Return the command of a kind for a procedure: its own, or the one that is for all.

        Raises:
            UnreadableValue: there is none.
        """
        if kind in ("copy", "copy-log"):
            commands = self.offsite.commands if self.offsite else {}
            if (name := kind.replace("-", "_")) not in commands:
                remedy = f"add {name} = … to [offsite] of policy.toml"
                raise UnreadableValue("nothing is copied off-site", remedy=remedy)
            return commands[name]
        if kind == "prune":
            if (command := self.prune_command(procedure)) is None:
                remedy = "add prune = … to [retention] of policy.toml"
                raise UnreadableValue(f"{procedure} has no prune command", remedy=remedy)
            return command
        if kind == "verify":
            if (command := self.verify_command(procedure)) is None:
                remedy = "add verify = … to [verification] of policy.toml"
                raise UnreadableValue(f"{procedure} has no verify command", remedy=remedy)
            return command
        return self.procedures[procedure].command(kind)

    def commands(self) -> dict[str, Command]:
        """Return every command line by its dotted key."""
        found = {"retention.prune": self.retention.prune}
        if self.verification:
            found["verification.verify"] = self.verification.verify
        if self.offsite:
            found |= {f"offsite.{name}": command for name, command in self.offsite.commands.items()}
        found |= {f"routines.{routine.name}": routine.command for routine in self.routines}
        for name, procedure in self.procedures.items():
            found |= {f"procedures.{name}.{kind}": getattr(procedure, kind) for kind in (*KINDS, *SERVER_KINDS)}
        return {key: command for key, command in found.items() if command is not None}

    def require_programs(self, *, search_path: str, kinds: tuple[Kind, ...] = KINDS) -> None:
        """See that the program of every command line exists, and every file that a server is to be given.

        The server's own commands are not looked for: their programs may be in its image and nowhere else.

        Raises:
            PolicyError: some cannot be found on the search path; names each key.
        """
        missing = [
            Problem(
                self.file,
                key,
                f"the program {command.program!r} cannot be found",
                "install it, correct the command line, or put its directory on PATH",
            )
            for key, command in self.commands().items()
            if (key.rpartition(".")[2] in kinds or key.startswith("offsite."))
            and not command.found(search_path=search_path, directory=self.directory)
        ]
        missing += [
            Problem(self.file, f"procedures.{name}.server_programs", f"there is no file {file}", "correct its path")
            for name, procedure in self.procedures.items()
            for file in procedure.server_programs
            if not (self.directory / file).is_file()
        ]
        if missing:
            raise PolicyError(missing)

    def placeholders(self) -> list[str]:
        """Return the dotted keys of contacts that still hold the document's placeholder, such as ``[Contact info]``."""
        return [
            f"contacts.{team}.{role}"
            for team, roles in self.contacts.items()
            for role, contact in roles.items()
            if contact.startswith("[") and contact.endswith("]")
        ]
