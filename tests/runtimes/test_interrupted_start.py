"""A server is being started when a signal comes in."""

import contextlib
import signal

import psutil
import pytest

from drill.runtimes.embedded import EmbeddedService
from drill.runtimes.workspace import Workspace

MOMENTS = [1e-6, *(moment * 5e-5 for moment in range(1, 100))]
"""Seconds from before it is started to when it runs."""


@pytest.fixture
def interrupted_at():
    """Has work interrupted after so many seconds, before it begins even, unless it has ended by then."""

    def interrupt(*_):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)

    def interrupted(moment, work):
        with contextlib.suppress(KeyboardInterrupt):
            signal.setitimer(signal.ITIMER_REAL, moment)
            work()
            signal.setitimer(signal.ITIMER_REAL, 0)

    yield interrupted
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def workspace():
    workspace = Workspace.create()
    yield workspace
    workspace.remove()


def naming(place):
    """The processes that name it in their commands."""
    return [each.pid for each in psutil.process_iter(["cmdline"]) if str(place) in (each.info["cmdline"] or [])]


def test_it_is_known_and_can_be_ended(workspace, interrupted_at):
    for moment in MOMENTS:
        home = workspace.make("server")
        command = ["tail", "-f", "/dev/null", str(home)]
        service = EmbeddedService(command, home=home, port=1, workspace=workspace, supervised=False)
        interrupted_at(moment, service.start)
        service.discard()

        assert [] == naming(home), f"interrupted after {moment:.4f} s"
