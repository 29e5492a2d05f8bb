"""Where an operator types the document's commands for files and source code: a directory, a shell and a host's files.

Nothing is read from or written to the machine that this runs on: the host's root stands for ``/``.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from drill.commands.execution import NOT_FOUND
from drill.documented.desk import AS_WRITTEN, Said, typed
from drill.errors import DrillError
from drill.fingerprints import Fingerprint, files
from drill.fingerprints.git.repository import ALONE
from drill.hosts import AppHost
from drill.policy import Policy

APPLICATION = "srv/counting"
"""Where the host has its environment file."""
SOURCE = "srv/source"
"""Where the host has the source code."""
STANDS_FOR = {
    "cp .env": f'cd "$ROOT"/{APPLICATION} && cp .env',
    "docker-compose config": f'cd "$ROOT"/{APPLICATION} && docker-compose config',
    "cp docker-compose.backup": f'cd "$ROOT"/{APPLICATION} && cp docker-compose.backup',
    "repository_url": '"file://$REPOSITORY"',
    "/path/to/restore/": "restore/",
    "/mnt/backup/system/ /": 'mnt/backup/system/ "$ROOT"/',
    " /path/to/source/": f' -C "$ROOT" {SOURCE}/',
    " /etc/": ' -C "$ROOT" etc/',
    " /home/": ' -C "$ROOT" home/',
    " /var/log/": ' -C "$ROOT" var/log/',
    " -C /": ' -C "$ROOT"',
}
"""What is meant by the document's places, in this order. An archive has the names that it would have from ``/``."""
ANYBODY = "umask 022; "
"""How shells are set up unless somebody has thought of it."""
USER = 65534
"""An ordinary user and group, whom nothing belongs to: nobody's on most systems."""
KEEPING = "--same-permissions --same-owner --acls --xattrs --xattrs-include='*' --sparse"
"""How an archive is unpacked that is to show all that it holds."""


@dataclass(frozen=True, slots=True)
class HostDesk:
    """The place of one trial.

    Attributes:
        policy: has the commands.
        host: whose files they are tried on.
        repository: the bare git repository of the source code.
        directory: where the commands are typed, and find and leave their files.
    """

    policy: Policy
    host: AppHost
    repository: Path
    directory: Path

    def run(
        self,
        identifier: str,
        *,
        instead: Mapping[str, str] = AS_WRITTEN,
        at: Path | None = None,
        largest: int | None = None,
        by_a_user: bool = False,
    ) -> Said:
        """Carry out the document's command of this id and show what came of it.

        Args:
            identifier: which command.
            instead: words of the command, and what is typed for them.
            at: the directory that it is typed in, where it is another one.
            largest: blocks of 512 bytes that the disk still takes of a file.
            by_a_user: an ordinary one types it, also where root runs the trial.

        Raises:
            DrillError: a program is not there.
        """
        command = self.policy.documented_command(identifier).command
        for words, meant in {**instead, **STANDS_FOR}.items():
            command = command.replace(words, meant)
        full = "" if largest is None else f"ulimit -f {largest}; "
        said = ANYBODY + full + command
        if by_a_user and os.geteuid() == 0:
            said = f"setpriv --reuid={USER} --regid={USER} --clear-groups sh -c {shlex.quote(said)}"
        return self.shell(said, at=at)

    def shell(self, command: str, *, at: Path | None = None) -> Said:
        """Give a command of our own to the same shell.

        Raises:
            DrillError: a program is not there.
        """
        environment = {
            **ALONE,
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.directory),
            "ROOT": str(self.host.root),
            "REPOSITORY": str(self.repository),
        }
        said = typed(command, environment=environment, directory=at or self.directory)
        if said.status == NOT_FOUND:
            raise DrillError(f"{command}: {said.complaints.strip()}", remedy="install the program")
        return said

    def file(self, name: str) -> Path:
        """Return a file or directory of this place."""
        return self.directory / name

    def give_to_a_user(self, place: Path) -> None:
        """Have the ordinary user own a directory; where he runs the trial himself, it is his already."""
        place.chmod(0o755)
        if os.geteuid() == 0:
            os.chown(place, USER, USER)

    def unpacked(self, archive: Path) -> Path:
        """Unpack an archive beside it with all that it holds, as far as it can be read."""
        place = archive.with_name(f"{archive.name} unpacked")
        place.mkdir()
        self.shell(f"tar -xzf '{archive}' {KEEPING} -C '{place}'")
        return place

    def held(self, scope: str, *, root: Path | None = None) -> Fingerprint:
        """Return what a tree, the host's where no other is named, holds below a place."""
        return files.fingerprint(root or self.host.root, [scope])

    def require(self, fingerprint: Fingerprint, *aspects: str) -> None:
        """Make sure that what a command may lose is there.

        Raises:
            DrillError: this machine's file system cannot hold it.
        """
        there = {where.split(" of ")[0] for where in fingerprint.contents}
        if lacking := sorted(set(aspects) - there):
            raise DrillError(
                f"{self.host.root} holds no {' and no '.join(lacking)} that could be lost",
                remedy="drill on a file system that keeps them, such as ext4",
            )
