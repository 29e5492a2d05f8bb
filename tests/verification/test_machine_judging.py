"""A restored machine is judged by its disk first; only one that lacks nothing is started."""

from datetime import timedelta

import pytest

from drill.commands.runbook import DONE, Outcome
from drill.machines import MachineStore
from drill.machines.disk import Disk
from drill.servers.process import ServerError
from drill.verification import restoration
from drill.verification.restoration import Expected
from tests.disks import made, needs_tools

pytestmark = needs_tools


class Ended:
    """A machine that ends as soon as it is started, and tells that it was."""

    def __init__(self, disk):
        self.disk = disk

    def start(self):
        raise ServerError("it was started", remedy="none")


DONE_AT_ONCE = Outcome(("restore",), DONE, timedelta(seconds=1), {}, "")
"""How a restore ended that says that all is done."""


@pytest.fixture
def judged(tmp_path):
    whole = tmp_path / "whole"
    whole.mkdir()
    with Disk.unpacked(made(whole)) as disk:
        expected = Expected(disk.fingerprint(), ())

    def judged(disk, expected=expected):
        store = MachineStore(Ended(disk))
        done = restoration.judged("system/1", "end", DONE_AT_ONCE, expected, store=store, flawed=False)
        return [(finding.id, finding.what) for finding in done.findings]

    return judged


def on(place, **changed):
    place.mkdir()
    return made(place, **changed)


def test_one_that_lacks_nothing_is_started(judged, tmp_path):
    assert [("NOT-RECOVERED", "it was started")] == judged(on(tmp_path / "disk"))


def test_one_that_starts_nothing_is_not_started(judged, tmp_path):
    assert [("NOT-BOOTABLE", "its first sector has no boot code")] == judged(on(tmp_path / "disk", boot_code=False))


def test_one_that_holds_something_else_is_not_started(judged, tmp_path):
    (found,) = judged(on(tmp_path / "disk", init=b"INIT"))

    assert "CONTENT-DIFFERS" == found[0]
    assert "/sbin/init" in found[1]


def test_what_it_held_need_not_be_known(judged, tmp_path):
    assert [("NOT-RECOVERED", "it was started")] == judged(on(tmp_path / "disk", init=b"INIT"), expected=None)


def test_a_blank_one_is_not_started(judged, tmp_path):
    (tmp_path / "disk").write_bytes(bytes(1 << 20))

    assert [("NOT-BOOTABLE", "it has no partition table")] == judged(tmp_path / "disk")
