"""A machine that has lost everything, as who recovers it meets it: a blank disk, a recovery medium and a storage."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from drill.fingerprints import Fingerprint
from drill.machines import files, template
from drill.machines.machine import Machine
from drill.runtimes import Runtime
from drill.servers.process import ServerError
from drill.waiting import eventually

BLANK, STORAGE = "/dev/sda", "/dev/vda"
"""What the recovery medium's kernel calls the machine's own disk, and the storage that has its files."""
LABEL = "backup"
"""The name of the storage's file system."""
LOOK = "/mnt/look"
"""Where we look at the storage."""
MEDIUM, STORED = "medium", "storage"


class LostMachine(Machine):
    """It starts from the recovery medium as long as that is in; then it is up when somebody can log in.

    The machine's own disk is a SCSI one and the only one, so that it gets the name that the document has for it.
    """

    def __init__(self, runtime: Runtime) -> None:
        """Put one together, its disk blank and nothing started."""
        self._medium_is_in = True
        super().__init__(runtime, made=template.rescue())
        for name, kept in ((MEDIUM, self._template.disk), (STORED, self._template.storage)):
            copy = self._home / name
            subprocess.run(["cp", "--sparse=always", "--reflink=auto", str(kept), str(copy)], check=True)
            self._workspace.user.give(copy)
        self.provision()

    def take_medium_out(self) -> None:
        """Leave nothing in it but its own disk."""
        self.kill()
        self._medium_is_in = False
        self.service = self._wired(self.port, self._disks())

    def wait_for_end(self) -> None:
        """Wait until it has ended, as it does where it starts again: the emulator begins nothing by itself.

        Raises:
            StillWaiting: it goes on.
        """
        eventually(f"{self} to end", lambda: not self.service.is_running(), self.patience)

    def stored(self) -> Fingerprint:
        """Return what the storage has of the machine, as its own programs tell it; nothing is left behind."""
        self.run(f"mkdir {LOOK} && mount -o ro {STORAGE} {LOOK} && mount --bind /dev {LOOK}/system/dev")
        found = files.fingerprint(_Inside(self, f"{LOOK}/system"), disk="/")
        self.run(f"umount --recursive {LOOK} && rmdir {LOOK}")
        return found

    def held(self) -> Fingerprint:
        """Return what its own disk has, which it has started from."""
        return files.fingerprint(self, disk="/")

    def comes_up(self) -> bool:
        """Start it, and tell whether anything came of that."""
        try:
            self.start()
        except ServerError:
            return False
        return True

    @property
    def is_blank(self) -> bool:
        """Whether its own disk holds nothing but zeros."""
        with self.disk.open("rb") as disk:
            return all(chunk.count(0) == len(chunk) for chunk in iter(lambda: disk.read(1 << 20), b""))

    def _answers(self) -> bool:
        return self.attempt("true").returncode == 0 if self._medium_is_in else super()._answers()

    def _disks(self) -> Sequence[str]:
        own = self._home / "data" / "disk"
        words = [
            "-device", "virtio-scsi-pci", *_drive("own", own),
            "-device", "scsi-hd,drive=own,bootindex=2",
        ]  # fmt: skip
        if self._medium_is_in:
            words += [*_drive("medium", self._home / MEDIUM), "-device", "nvme,drive=medium,serial=1,bootindex=1"]
            words += [*_drive("stored", self._home / STORED), "-device", "virtio-blk-pci,drive=stored"]
        return words


@dataclass(frozen=True, slots=True)
class _Inside:
    """A tree on a running machine, with programs of its own."""

    machine: Machine
    root: str

    def run(self, script: str) -> bytes:
        return self.machine.run(f"chroot {self.root} sh -c {shlex.quote(script)}")


def _drive(name: str, file: Path) -> tuple[str, str]:
    return "-drive", f"if=none,id={name},format=raw,file={file}"
