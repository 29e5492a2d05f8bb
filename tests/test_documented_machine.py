"""The document's commands for a whole machine: none is left out, and what GRUB installs hides nothing else."""

from __future__ import annotations

import pytest

from drill.documented import corrected, tried_on_machine
from drill.documented.machine_trials import CORRECTED, MACHINE_TRIALS
from drill.errors import DrillError
from drill.fingerprints import differences
from drill.machines import files
from drill.policy.source import commands
from tests.procedures import SHIPPED

RECOVERY = "Full System Recovery"
DIRECTORY, FILE = "d", "f"
BOOT = {
    "/boot/grub": (DIRECTORY, "1"),
    "/boot/grub/grub.cfg": (FILE, "1"),
    "/boot/grub/i386-pc": (DIRECTORY, "1"),
    "/boot/grub/i386-pc/normal.mod": (FILE, "1"),
}


class Told:
    """A machine that tells of these paths, each with its kind and what its content, or its time, is."""

    def __init__(self, paths):
        self.paths = paths

    def run(self, script):
        if script == files.LISTING.format(disk="/"):
            return b"".join(
                "\0".join((path, kind, "644", "0:0", f"{state}.5", "1", "8", f"1:{path}", "1", "", "")).encode()
                for path, (kind, state) in self.paths.items()
            )
        if script == files.CHECKSUMS.format(disk="/"):
            return b"".join(
                f"{state * 64} *{path}\0".encode() for path, (kind, state) in self.paths.items() if kind == FILE
            )
        return b""


def found_between(before, after):
    one, other = (files.fingerprint(Told(paths), disk="/") for paths in (before, after))
    return {each.where for each in differences(one, other)}


def test_every_command_of_the_recovery_is_tried_in_its_order():
    document = (SHIPPED.directory / SHIPPED.document.source).read_text("utf-8")
    written = [each for place, below in commands(document).items() if place.heading == RECOVERY for each in below]

    assert written == [SHIPPED.documented_command(identifier).command for identifier in MACHINE_TRIALS]


def test_every_trial_is_carried_out_with_a_better_command_too():
    assert list(MACHINE_TRIALS) == list(CORRECTED)
    assert dict(CORRECTED) == {each.id: each.command for each in corrected(SHIPPED).documented if each.id in CORRECTED}


def test_a_command_for_a_machine_without_a_trial_is_an_error():
    with pytest.raises(DrillError, match="no trial for 'dry-run'; use one of mount-storage, "):
        tried_on_machine("dry-run", policy=SHIPPED, found=dict.fromkeys(MACHINE_TRIALS, ()))


@pytest.mark.parametrize("path", ["/boot/grub/i386-pc", "/boot/grub/i386-pc/normal.mod"])
def test_what_a_boot_loader_installs_anew_is_not_compared(path):
    assert set() == found_between(BOOT, BOOT | {path: (BOOT[path][0], "2")})
    assert set() == found_between({each: fact for each, fact in BOOT.items() if each != path}, BOOT)


def test_what_it_is_configured_by_is():
    assert {"contents", "times"} == found_between(BOOT, BOOT | {"/boot/grub/grub.cfg": (FILE, "2")})
