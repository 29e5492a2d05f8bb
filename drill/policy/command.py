"""Command lines that a policy points at, and the procedures that they make up."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, PlainSerializer, PlainValidator, model_validator

from drill.policy.fields import Duration, Section, Words
from drill.policy.problems import UnreadableValue, suggestion

Kind = Literal["backup", "incremental", "restore", "verify", "prune", "copy", "copy-log"]
KINDS: tuple[Kind, ...] = ("backup", "incremental", "restore", "verify", "prune")
TAKING: tuple[Kind, ...] = ("backup", "incremental")
"""The commands that take a backup."""
ServerKind = Literal["archive", "fetch", "receive"]
"""The commands that a procedure can have; those that copy off-site are [offsite]'s, for all of them."""
SERVER_KINDS: tuple[ServerKind, ...] = ("archive", "fetch", "receive")
"""What the database server itself runs, or what runs beside it as its user: its programs must be within its reach."""
PLACEHOLDERS = ("backup_id", "parent_id", "target", "recovery_target")

_PLACEHOLDER = re.compile(r"\{([A-Za-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Command:
    """A command line, split as a shell would split it, but never given to a shell."""

    text: str
    words: tuple[str, ...]

    @classmethod
    def parse(cls, text: object) -> Command:
        """Return the command that a policy wrote.

        Raises:
            UnreadableValue: it is no text, empty, has an open quote, or an unknown placeholder.
        """
        if not isinstance(text, str) or not text.strip():
            raise UnreadableValue(f"{text!r} is no command line", remedy="write the program and its arguments")
        try:
            words = tuple(shlex.split(text))
        except ValueError as error:
            raise UnreadableValue(
                f"{text!r} cannot be split into words ({error})", remedy="close the quote, or escape it"
            ) from error
        for name in _PLACEHOLDER.findall(text):
            if name not in PLACEHOLDERS:
                raise UnreadableValue(
                    f"{text!r} has the unknown placeholder {{{name}}}", remedy=suggestion(name, PLACEHOLDERS)
                )
        return cls(text, words)

    @property
    def program(self) -> str:
        """The program that the command runs, by name or path."""
        return self.words[0]

    def argv(self, facts: Mapping[str, str]) -> list[str]:
        """Return the words with every placeholder filled in; a value with spaces stays one word.

        Raises:
            UnreadableValue: the command wants a placeholder that has no value.
        """

        def value(placeholder: re.Match[str]) -> str:
            if placeholder[1] not in facts:
                raise UnreadableValue(
                    f"{self.text!r} wants {placeholder[0]}, which is not known here",
                    remedy="take it out of the command line; not every command is run with every fact",
                )
            return facts[placeholder[1]]

        return [_PLACEHOLDER.sub(value, word) for word in self.words]

    def found(self, *, search_path: str, directory: Path) -> bool:
        """Return whether the program is on the search path; one with a slash is taken from the directory."""
        program = str(directory / self.program) if "/" in self.program else self.program
        return shutil.which(program, path=search_path) is not None

    def __str__(self) -> str:
        return self.text


CommandLine = Annotated[Command, PlainValidator(Command.parse), PlainSerializer(str, return_type=str)]
EnvironmentName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class Procedure(Section):
    """How one engine's data is backed up and restored: the command lines that an operator would run."""

    name: Words = Field(description="the table's own name, filled in while loading")
    engine: Literal["postgres", "redis", "files", "git", "machine"] = Field(examples=["postgres"])
    set: Words = Field(examples=["counting-database"], description="where in the repository its backups lie")
    data: Words = Field(examples=["database"], description="the data class that it protects")
    backup: CommandLine = Field(examples=["python -m backup_scripts.postgres_dump"])
    incremental: CommandLine | None = Field(None, description="what has changed since the backup {parent_id}")
    restore: CommandLine = Field(examples=["python -m backup_scripts.postgres_restore {backup_id}"])
    verify: CommandLine | None = None
    prune: CommandLine | None = Field(None, description="instead of retention.prune")
    archive: CommandLine | None = Field(None, examples=["postgres_wal archive %p %f"], description="archive_command")
    fetch: CommandLine | None = Field(None, examples=["postgres_wal fetch %f %p"], description="restore_command")
    receive: CommandLine | None = Field(None, examples=["postgres_wal receive"], description="the streaming receiver")
    server_programs: tuple[Path, ...] = Field((), description="files that the server's commands call by name")
    archive_timeout: Duration | None = Field(None, examples=["5 min"], description="the age that forces a segment out")
    receiver_restart: Duration | None = Field(None, examples=["30 s"], description="within which a dead one is back")
    covers: tuple[Words, ...] = Field((), examples=[["home"]], description="files: what it has to keep, seen from /")
    pass_environment: tuple[EnvironmentName, ...] = Field((), examples=[["PGBACKREST_CONFIG"]])
    time_limit: Duration = Field(
        timedelta(hours=1), examples=["30 min"], description="a command that takes longer is ended"
    )

    @model_validator(mode="after")
    def _keeps_the_log(self) -> Self:
        pairs = ((self.archive, self.archive_timeout, "archive"), (self.receive, self.receiver_restart, "receive"))
        for (command, limit, name), bound in zip(pairs, ("archive_timeout", "receiver_restart"), strict=True):
            if (command is None) != (limit is None):
                raise UnreadableValue(
                    f"{name} and {bound} go together", remedy="give both: the loss that they allow is counted from it"
                )
        if (self.archive or self.receive) and self.fetch is None:
            raise UnreadableValue(
                "the write-ahead log is kept and nothing fetches it", remedy='add fetch = "postgres_wal fetch %f %p"'
            )
        return self

    def command(self, kind: Kind) -> Command:
        """Return the procedure's command of a kind.

        Raises:
            UnreadableValue: the policy gives the procedure no such command.
        """
        command: Command | None = getattr(self, kind)
        if command is None:
            raise UnreadableValue(
                f"the procedure {self.name!r} has no {kind} command",
                remedy=f"add {kind} = … to [procedures.{self.name}]",
            )
        return command

    def argv(self, kind: Kind, facts: Mapping[str, str]) -> list[str]:
        """Return the words of a command with the facts (backup_id, target, …) in their places.

        Raises:
            UnreadableValue: there is no such command, or it wants a fact that is not given.
        """
        return self.command(kind).argv(facts)
