"""The directory that holds everything a run makes and leaves nothing of.

``<temporary directory>/dr-drill-<uid>/<owner>/<number>/``: data directories, server logs, client programs, secrets. The
owner is in the name, so a workspace is never without one, and the next run can sweep what a killed run left.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pydantic import SecretStr

from drill.errors import DrillError
from drill.evidence.redaction import conceal
from drill.runtimes import ports
from drill.runtimes.owner import Owner
from drill.runtimes.service_user import ServiceUser
from drill.runtimes.trees import remove_tree

_numbers = itertools.count(1)


class Workspace:
    """One run's directory, its secrets and the user that its servers run as."""

    def __init__(self, directory: Path, *, user: ServiceUser) -> None:
        self.directory = directory
        self.user = user
        self.password = SecretStr(secrets.token_urlsafe(24))
        conceal(self.password.get_secret_value())

    @classmethod
    def create(cls) -> Workspace:
        """Make this process's workspace.

        Raises:
            DrillError: the servers' user cannot get into the place.
        """
        user = ServiceUser.choose()
        owned = base() / str(Owner.current())
        owned.mkdir(mode=0o711, exist_ok=True)
        directory = owned / f"{next(_numbers)}"
        directory.mkdir(mode=0o711)
        if not user.can_enter(directory):
            shutil.rmtree(directory)
            raise DrillError(
                f"{directory}: the user {user.name}, which the servers run as, cannot get there",
                remedy="set DR_DRILL_WORKSPACE to a directory that everybody may enter",
            )
        return cls(directory, user=user)

    @contextlib.contextmanager
    def unless_opened(self) -> Iterator[Workspace]:
        """Remove all of it should the block fail, or be interrupted."""
        try:
            yield self
        except BaseException:
            self.remove()
            raise

    def make(self, name: str) -> Path:
        """Make a directory that belongs to the servers' user alone and return it."""
        directory = self.directory / name
        directory.mkdir(mode=0o700, parents=True)
        self.user.give(directory)
        return directory

    def password_file(self) -> Path:
        """Return a libpq password file (mode 0600) that opens this run's servers and no others."""
        path = self.directory / "pgpass"
        if not path.exists():
            write_private(path, f"*:*:*:postgres:{self.password.get_secret_value()}\n")
        return path

    def claim_port(self) -> int:
        """Return a port that is this process's alone until it ends."""
        return ports.claim(base())

    def remove(self) -> None:
        """Remove all of it.

        Raises:
            OSError: something stays.
        """
        remove_tree(self.directory)
        if self.directory.exists():
            shutil.rmtree(self.directory)
        # The owner's last workspace takes the owner's directory with it.
        with contextlib.suppress(OSError):
            self.directory.parent.rmdir()


def base() -> Path:
    """Return the directory that holds this user's workspaces, making it where needed.

    Raises:
        DrillError: somebody else owns a directory of that name.
    """
    root = Path(os.environ.get("DR_DRILL_WORKSPACE") or tempfile.gettempdir()).resolve()
    directory = root / f"dr-drill-{os.getuid()}"
    directory.mkdir(mode=0o711, exist_ok=True)
    if directory.is_symlink() or directory.stat().st_uid != os.getuid():
        raise DrillError(
            f"{directory} belongs to somebody else",
            remedy="remove it, or set DR_DRILL_WORKSPACE to a directory of your own",
        )
    return directory


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
