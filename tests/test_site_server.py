"""The server of the other site keeps out of the way of everybody else's."""

from __future__ import annotations

from pathlib import Path

from drill.sites.server import SiteServer

SOCKETS = ("seaweedfs-s3-[0-9]*.sock", "seaweedfs-filer-[0-9]*.sock")
"""Whose stay where they are, and let no other user's server start on the same port."""
SHARED = Path("/tmp")  # noqa: S108 - where it puts them if it is not told


def left():
    return {file.name: file.stat().st_ino for pattern in SOCKETS for file in SHARED.glob(pattern)}


def homes(runtime):
    return set(runtime.workspace.directory.glob("site-*"))


def test_it_has_its_sockets_in_its_own_directory_and_takes_them_away(runtime):
    before, others = left(), homes(runtime)
    server = SiteServer(runtime.workspace)
    server.start()
    while_it_runs, (own,) = left(), homes(runtime) - others
    had = {socket.name for socket in own.glob("*.sock")}
    server.discard()

    assert set() == while_it_runs.items() - before.items()
    assert {"filer.sock", "s3.sock"} == had
    assert not own.exists()
