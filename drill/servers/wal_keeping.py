"""How a server's write-ahead log is kept: the commands that policy.toml gives the server, and what they need."""

from __future__ import annotations

import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

from drill.errors import DrillError
from drill.policy import Command, Policy, Procedure
from drill.runtimes.workspace import Workspace

SEGMENT = re.compile("[0-9A-F]{24}")


@dataclass(frozen=True, slots=True)
class WalKeeping:
    """A procedure's commands for the log, made fit to be run by the server, in its container or out of it.

    Attributes:
        procedure: whose commands they are.
        directory: the backup set's directory, which the server may write to.
        programs: the directory of the programs that the commands call by name.
    """

    procedure: Procedure
    directory: Path
    programs: Path

    @classmethod
    def prepared(cls, policy: Policy, name: str, *, repository: Path, workspace: Workspace) -> WalKeeping:
        """Make the set's directory and put the server's programs where its user can reach them.

        The directory of the set becomes the servers' user's: the log is written by the server, the backups by whoever
        runs the drill.
        """
        procedure = policy.procedures[name]
        programs = workspace.directory / "server-programs"
        programs.mkdir(mode=0o755, exist_ok=True)
        for file in procedure.server_programs:
            shutil.copy(policy.directory / file, programs / file.name)
            (programs / file.name).chmod(0o755)
        directory = repository / procedure.set
        repository.chmod(0o711)
        directory.mkdir(mode=0o700)
        workspace.user.give(directory)
        return cls(procedure, directory, programs)

    @property
    def shared(self) -> tuple[Path, ...]:
        """The directories that the server needs beside its own."""
        return (self.directory, self.programs)

    def settings(self, *, summaries: bool) -> str:
        """Return the server's settings, as lines of postgresql.conf.

        Args:
            summaries: whether the server knows how to summarize its log for incremental backups.
        """
        lines = ["summarize_wal = on"] if self.procedure.incremental and summaries else []
        if self.procedure.archive is not None and self.procedure.archive_timeout is not None:
            seconds = max(1, round(self.procedure.archive_timeout.total_seconds()))
            lines += [
                "archive_mode = on",
                f"archive_command = {_setting(self._command(self.procedure.archive.text))}",
                f"archive_timeout = {seconds}s",
            ]
        return "".join(f"{line}\n" for line in lines)

    @property
    def restore_command(self) -> str | None:
        """The command that brings a segment back, None where nothing is kept."""
        return self._command(self.procedure.fetch.text) if self.procedure.fetch else None

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
        return self._by_hand(self.procedure.archive, path, name)

    def fetch_command(self, name: str, path: Path) -> str:
        """Return the command line for a shell that fetches what was archived under a name."""
        return self._by_hand(self.procedure.fetch, path, name)

    def environment(self) -> dict[str, str]:
        """Return what the commands find in their environment."""
        return {"BACKUP_REPOSITORY": str(self.directory.parent), "BACKUP_SET": self.directory.name}

    def _by_hand(self, command: Command | None, path: Path, name: str) -> str:
        if command is None:
            raise DrillError(f"{self.procedure.name} keeps no archive", remedy="give it archive = … and fetch = …")
        facts = {"%p": shlex.quote(str(path)), "%f": shlex.quote(name), "%%": "%"}
        return re.sub("%[pf%]", lambda found: facts[found[0]], self._command(command.text))

    def _command(self, text: str) -> str:
        facts = [f"{name}={shlex.quote(value)}" for name, value in self.environment().items()]
        surroundings = " ".join([f'PATH={shlex.quote(str(self.programs))}:"$PATH"', *facts])
        # In a command that the server runs, a percent sign begins a placeholder.
        return f"{surroundings.replace('%', '%%')} {text}"


def _setting(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
