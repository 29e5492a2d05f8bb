"""The server of the other site keeps out of the way of everybody else's."""

from __future__ import annotations

from pathlib import Path

from drill.sites.server import SiteServer

SOCKETS = ("seaweedfs-s3-[0-9]*.sock", "seaweedfs-filer-[0-9]*.sock")
"""Whose stay where they are, and let no other user's server start on the same port."""
SHARED = Path("/tmp")  # noqa: S108 - where it puts them if it is not told


def left():
    return {file.name: file.stat().st_ino for pattern in SOCKETS for file in SHARED.glob(pattern)}


def test_it_has_its_sockets_in_its_own_directory_and_takes_them_away(runtime):
    before = left()
    server = SiteServer(runtime.workspace)
    server.start()
    while_it_runs = left()
    homes = list(runtime.workspace.directory.glob("site-*/s3.sock"))
    server.discard()

    assert set() == while_it_runs.items() - before.items()
    assert homes
    assert not any(home.exists() for home in homes)
