"""How a server's write-ahead log is kept: the commands that policy.toml gives the server, and what they need."""

from __future__ import annotations

import itertools
import re
import shlex
import shutil
import stat
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from drill.backups.catalogue import LOG
from drill.errors import DrillError
from drill.policy import Command, Policy, Procedure
from drill.runtimes.workspace import Workspace, write_private

SEGMENT = re.compile("[0-9A-F]{24}")
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class WalKeeping:
    """A procedure's commands for the log, made fit to be run by the server, in its container or out of it.

    Attributes:
        procedure: whose commands they are.
        directory: the backup set's directory, which the server may write to.
        programs: the directory of the programs that the commands call by name.
        recipient: whom the log is encrypted to, None where it is not.
        identity_file: the server's own copy of the key that opens it.
    """

    procedure: Procedure
    directory: Path
    programs: Path
    recipient: str | None = None
    identity_file: Path | None = None

    @classmethod
    def prepared(
        cls, policy: Policy, name: str, *, repository: Path, workspace: Workspace, kept: bool = True
    ) -> WalKeeping:
        """Make the set's directory and put the server's programs where its user can reach them.

        The directory of the set becomes the servers' user's: the log is written by the server, the backups by whoever
        runs the drill. Where backups are encrypted, the server gets a copy of the secret key: it opens its log itself.

        Args:
            policy: names the commands.
            name: of the procedure.
            repository: holds the set.
            workspace: where the server's programs and key go.
            kept: whether the log is kept at all beside what a backup brings itself.

        Raises:
            DrillError: there is no such key.
        """
        procedure = policy.procedures[name] if kept else _without_log(policy.procedures[name])
        programs = _programs(policy, procedure, workspace)
        directory = repository / procedure.set
        repository.chmod(0o711)
        directory.mkdir(mode=0o700)
        workspace.user.give(directory)
        if policy.encryption is None:
            return cls(procedure, directory, programs)
        identity_file = _own_copy(policy.directory / policy.encryption.identity_file, workspace, name)
        return cls(procedure, directory, programs, policy.encryption.recipient, identity_file)

    @classmethod
    def reading(cls, policy: Policy, name: str, *, repository: Path, workspace: Workspace) -> WalKeeping:
        """Let a server read the log of a set, in which nothing is changed.

        Where the servers' user cannot read it there, as in a repository of root's, it reads a copy of the log.

        Raises:
            DrillError: there is no such key.
        """
        procedure = policy.procedures[name]
        directory, user = repository / procedure.set, workspace.user
        if not user.can_enter(directory) or (user.is_other and directory.stat().st_uid != user.uid):
            copy = workspace.make(f"log-{next(_numbers)}") / procedure.set
            copy.mkdir(mode=0o700)
            for place in filter(Path.is_dir, (directory / each for each in LOG)):
                shutil.copytree(place, copy / place.name, ignore=_no_log, copy_function=shutil.copyfile)
            for each in (copy, *copy.rglob("*")):
                user.give(each)
            directory = copy
        programs = _programs(policy, procedure, workspace)
        identity_file = (
            _own_copy(policy.directory / policy.encryption.identity_file, workspace, name)
            if policy.encryption
            else None
        )
        return cls(procedure, directory, programs, identity_file=identity_file)

    def rekeyed(self, policy: Policy) -> WalKeeping:
        """Return this with the log encrypted to a policy's new key; the server's copy of the keys becomes a new one.

        Raises:
            DrillError: the log is not encrypted.
        """
        if policy.encryption is None or self.identity_file is None:
            raise DrillError("the log is not encrypted", remedy="have backups encrypted first")
        keys = (policy.directory / policy.encryption.identity_file).read_text("ascii")
        self.identity_file.write_text(keys, "ascii")
        return replace(self, recipient=policy.encryption.recipient)

    @property
    def shared(self) -> tuple[Path, ...]:
        """The directories that the server needs beside its own."""
        keys = (self.identity_file.parent,) if self.identity_file else ()
        return (self.directory, self.programs, *keys)

    def settings(self, *, summaries: bool) -> str:
        """Return the server's settings, as lines of postgresql.conf.

        Args:
            summaries: whether the server knows how to summarize its log for incremental backups.
        """
        lines = ["summarize_wal = on"] if self.procedure.incremental and summaries else []
        if self.archiving_command is not None and self.procedure.archive_timeout is not None:
            seconds = max(1, round(self.procedure.archive_timeout.total_seconds()))
            lines += [
                "archive_mode = on",
                f"archive_command = {_setting(self.archiving_command)}",
                f"archive_timeout = {seconds}s",
            ]
        return "".join(f"{line}\n" for line in lines)

    @property
    def archiving_command(self) -> str | None:
        """The command that sends a segment away, None where nothing is archived."""
        return self._command(self.procedure.archive, self.environment())

    @property
    def restore_command(self) -> str | None:
        """The command that brings a segment back, None where nothing is kept."""
        identity = {"BACKUP_IDENTITY_FILE": str(self.identity_file)} if self.identity_file else {}
        return self._command(self.procedure.fetch, {**self._place, **identity})

    @property
    def archive(self) -> Path:
        """The directory that the archived segments lie in."""
        return self.directory / "wal"

    def newest_segment(self) -> str:
        """Return the name of the newest archived segment.

        Raises:
            DrillError: there is none.
        """
        names = sorted(found[0] for path in self.archive.glob("*") if (found := SEGMENT.match(path.name)))
        if not names:
            raise DrillError(f"{self.archive} holds no segment", remedy="have one archived first")
        return names[-1]

    def archive_command(self, path: Path, name: str) -> str:
        """Return the command line for a shell that archives a file under a name."""
        return self._by_hand(self.archiving_command, path, name)

    def fetch_command(self, name: str, path: Path) -> str:
        """Return the command line for a shell that fetches what was archived under a name."""
        return self._by_hand(self.restore_command, path, name)

    def environment(self) -> dict[str, str]:
        """Return what the commands that keep the log find in their environment."""
        recipient = {"BACKUP_RECIPIENT": self.recipient} if self.recipient else {}
        return {**self._place, **recipient}

    @property
    def _place(self) -> dict[str, str]:
        return {"BACKUP_REPOSITORY": str(self.directory.parent), "BACKUP_SET": self.directory.name}

    def _by_hand(self, command: str | None, path: Path, name: str) -> str:
        if command is None:
            raise DrillError(f"{self.procedure.name} keeps no archive", remedy="give it archive = … and fetch = …")
        facts = {"%p": shlex.quote(str(path)), "%f": shlex.quote(name), "%%": "%"}
        return re.sub("%[pf%]", lambda found: facts[found[0]], command)

    def _command(self, command: Command | None, environment: Mapping[str, str]) -> str | None:
        if command is None:
            return None
        facts = [f"{name}={shlex.quote(value)}" for name, value in environment.items()]
        surroundings = " ".join([f'PATH={shlex.quote(str(self.programs))}:"$PATH"', *facts])
        # In a command that the server runs, a percent sign begins a placeholder.
        return f"{surroundings.replace('%', '%%')} {command.text}"


def _no_log(directory: str, names: list[str]) -> set[str]:
    """Return what is no file of a log; above all no link, lest the server's user gets to read what one leads to."""
    kinds = {name: (Path(directory) / name).lstat().st_mode for name in names}
    return {name for name, mode in kinds.items() if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)}


def _without_log(procedure: Procedure) -> Procedure:
    commands = ("archive", "archive_timeout", "receive", "receiver_restart", "fetch")
    return procedure.model_copy(update=dict.fromkeys(commands))


def _programs(policy: Policy, procedure: Procedure, workspace: Workspace) -> Path:
    """Put the server's programs where its user can run them; a server may be running them already."""
    programs = workspace.directory / "server-programs"
    programs.mkdir(mode=0o755, exist_ok=True)
    for file in procedure.server_programs:
        new = programs / f".{file.name}.{next(_numbers)}"
        shutil.copy(policy.directory / file, new)
        new.chmod(0o755)
        new.replace(programs / file.name)
    return programs


def _own_copy(identity_file: Path, workspace: Workspace, name: str) -> Path:
    directory = workspace.make(f"key-{next(_numbers)}-{name}")
    copy = directory / "identity"
    try:
        write_private(copy, identity_file.read_text("utf-8"))
    except OSError as error:
        raise DrillError(
            f"{identity_file}: {error.strerror}", remedy="correct encryption.identity_file in policy.toml"
        ) from error
    workspace.user.give(copy)
    return copy


def _setting(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
