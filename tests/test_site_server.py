"""The server of the other site keeps out of the way of everybody else's."""

from __future__ import annotations

from pathlib import Path

import pytest

from drill.sites.server import SiteServer

SHARED = Path("/tmp")  # noqa: S108 - where it puts sockets that it is not told to put elsewhere
LEFT = "seaweedfs-volume-grpc-{port}.sock"
"""A socket of the server's own talk, as one leaves it that was killed."""


def left():
    """Those of this machine's, by name and file: other servers may start and end meanwhile."""
    return {file.name: file.stat().st_ino for file in SHARED.glob("seaweedfs-*.sock")}


def homes(runtime):
    return set(runtime.workspace.directory.glob("site-*"))


def test_it_has_the_sockets_of_its_clients_in_its_own_directory_and_takes_all_of_them_away(runtime):
    others, before = homes(runtime), left()
    server = SiteServer(runtime.workspace)
    server.start()
    (own,) = homes(runtime) - others
    while_it_runs = {name for name, file in left().items() if before.get(name) != file}
    had = {socket.name for socket in own.glob("*.sock")}
    server.discard()

    assert {"filer.sock", "s3.sock"} == had
    inner = {
        name for name in while_it_runs if name.endswith(tuple(f"-grpc-{port}.sock" for port in server.inner_ports))
    }
    assert inner
    assert set() == {name for name in while_it_runs if "grpc" not in name}
    assert set() == inner & left().keys()
    assert not own.exists()


@pytest.fixture
def stale(runtime, monkeypatch):
    """What another user's servers have left of the ports that would be claimed first, which only they may remove."""
    claim, files = runtime.workspace.claim_port, []

    def claimed():
        port = claim()
        file = SHARED / LEFT.format(port=port)
        if len(files) < 20 and not file.exists():  # somebody may really have left one
            file.touch()
            files.append(file)
        return port

    monkeypatch.setattr(type(runtime.workspace), "claim_port", lambda _: claimed())
    yield files
    for file in files:
        file.unlink(missing_ok=True)


def test_it_starts_where_others_have_left_theirs_and_lets_those_be(runtime, stale):
    server = SiteServer(runtime.workspace)
    server.start()
    server.discard()

    assert 20 == len(stale) == len([file for file in stale if file.exists()])
