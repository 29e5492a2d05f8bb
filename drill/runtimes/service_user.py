"""The ordinary user that disposable servers run as: PostgreSQL refuses to be root."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class ServiceUser:
    """A user and group; ``is_other`` where the suite runs as root and the servers must not."""

    name: str
    uid: int
    gid: int
    is_other: bool

    @classmethod
    def choose(cls) -> ServiceUser:
        """Return ``nobody`` for root, and the caller for everybody else."""
        if os.getuid() == 0:
            entry = pwd.getpwnam("nobody")
            return cls(name="nobody", uid=entry.pw_uid, gid=entry.pw_gid, is_other=True)
        return cls(name=f"uid {os.getuid()}", uid=os.getuid(), gid=os.getgid(), is_other=False)

    def credentials(self) -> dict[str, Any]:
        """Return what ``subprocess`` needs to start a process as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.is_other else {}

    def give(self, path: Path) -> None:
        """Make this user the owner of one file or directory."""
        if self.is_other:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, directory: Path) -> bool:
        """Tell whether this user may pass through every directory down to this one."""
        return not self.is_other or all(
            part.stat().st_mode & 0o001 or part.stat().st_uid == self.uid for part in [directory, *directory.parents]
        )
