"""Who owns a disposable thing, so that a later run can tell what a dead run left behind.

A process id alone is reused; a process is named by the machine's boot, its process-id namespace, its id and the
kernel tick at which it started. Whoever lives in another namespace cannot be judged from here and counts as alive.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Owner:
    """One process on one boot of one machine; ``str(owner)`` is safe in file names and container labels."""

    boot: str
    namespace: int
    pid: int
    started: int

    @classmethod
    def current(cls) -> Owner:
        """Return the owner that stands for this process."""
        return cls(
            boot=Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip(),
            namespace=os.stat("/proc/self/ns/pid").st_ino,  # noqa: PTH116 - the link must be followed into nsfs
            pid=os.getpid(),
            started=start_tick(os.getpid()),
        )

    @classmethod
    def parse(cls, text: str) -> Owner | None:
        """Return the owner that ``str`` made ``text`` of, or None where it is no owner."""
        parts = text.split("_")
        if len(parts) != 4 or not all(part.isdigit() for part in parts[1:]):
            return None
        return cls(boot=parts[0], namespace=int(parts[1]), pid=int(parts[2]), started=int(parts[3]))

    def is_gone(self) -> bool:
        """Tell whether this process has certainly ended."""
        here = Owner.current()
        if self.boot != here.boot:
            return True
        if self.namespace != here.namespace:
            return False
        return not is_running(self.pid, self.started)

    def __str__(self) -> str:
        return f"{self.boot}_{self.namespace}_{self.pid}_{self.started}"


def start_tick(pid: int) -> int:
    """Return the kernel tick at which the process started.

    Raises:
        FileNotFoundError: there is no such process.
    """
    # The second field, the command in parentheses, may itself hold spaces and parentheses.
    after_command = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2]
    return int(after_command.split()[19])


def is_running(pid: int, started: int) -> bool:
    """Tell whether the process that started at that tick still has this id."""
    try:
        return start_tick(pid) == started
    except (FileNotFoundError, ProcessLookupError):
        return False
