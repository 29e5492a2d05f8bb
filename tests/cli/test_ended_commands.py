"""Commands that are told to end by whoever is not at the keyboard."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from drill.waiting import Patience, eventually

CHECKOUT = Path(__file__).parents[2]
COMMAND = str(Path(sys.executable).with_name("dr-drill"))


@pytest.fixture
def place():
    """A directory that the user of the servers can enter, too, unlike those of pytest."""
    with tempfile.TemporaryDirectory(prefix="ended-") as place:
        Path(place).chmod(0o711)
        yield Path(place)


@pytest.fixture
def sabotage(place):
    """``dr-drill sabotage``, with servers and repositories of its own at the place."""
    command = [COMMAND, "sabotage", "--kind=snapshot", "--runtime=embedded"]
    with subprocess.Popen(command, cwd=CHECKOUT, env=os.environ | {"TMPDIR": str(place)}) as process:
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            swept(place)


def servers(place):
    """The commands of the processes that name something below the place."""
    commands = [process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"])]
    return [command for command in commands if any(str(place) in argument for argument in command)]


def swept(place):
    """What the next run would have to remove there."""
    sweep = [COMMAND, "sweep"]
    done = subprocess.run(sweep, env=os.environ | {"TMPDIR": str(place)}, check=True, capture_output=True, text=True)
    return [line for line in done.stdout.splitlines() if str(place) in line]


@pytest.mark.parametrize("order", [signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_is_told_to_end_leaves_nothing_to_sweep(sabotage, place, order):
    eventually("a server of the command", lambda: servers(place) != [], Patience.SERVER_READY)
    sabotage.send_signal(order)

    assert 130 == sabotage.wait(timeout=120)
    assert [] == servers(place)
    assert [] == swept(place)
