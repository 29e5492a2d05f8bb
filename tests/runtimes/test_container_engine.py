"""An engine whose containers cannot stand in for servers of this host is refused, with the reason."""

import platform
from types import SimpleNamespace

import pytest

from drill.runtimes import RuntimeUnavailable, container_engine

HERE = {
    "OSType": "linux",
    "Architecture": platform.machine(),
    "OperatingSystem": "Debian GNU/Linux 12 (bookworm)",
    "SecurityOptions": ["name=seccomp,profile=default"],
}


@pytest.fixture
def engine(monkeypatch):
    """Has an engine answer that says this of itself."""

    def answer(**facts):
        client = SimpleNamespace(info=lambda: HERE | facts, close=lambda: None)
        monkeypatch.setattr(container_engine, "knock", lambda: None)
        monkeypatch.setattr(container_engine.docker, "from_env", lambda **_: client)
        return client

    return answer


def test_one_of_this_machine_is_taken(engine):
    assert engine() is container_engine.connect()


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"OSType": "windows"}, "client programs of windows images cannot run"),
        ({"Architecture": "riscv64"}, "runs riscv64, this machine is"),
        ({"SecurityOptions": ["name=rootless"]}, "maps user ids"),
        ({"SecurityOptions": ["name=userns"]}, "maps user ids"),
    ],
)
def test_one_that_cannot_be_used_is_refused_and_says_why(engine, facts, why):
    engine(**facts)

    with pytest.raises(RuntimeUnavailable, match=why):
        container_engine.connect()
