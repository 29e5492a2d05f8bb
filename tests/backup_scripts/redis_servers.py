"""Redis servers with settings of their own, and what a test looks at in one."""

from __future__ import annotations

import contextlib
import re
import subprocess
from collections.abc import Iterator

import psutil

from drill.runtimes import Runtime
from drill.servers.redis import RedisServer
from drill.waiting import Patience, eventually


@contextlib.contextmanager
def server_with(runtime: Runtime, *lines: str, append_only: bool = False) -> Iterator[RedisServer]:
    """Run a blank server whose configuration file has these lines."""
    settings = dict(line.split(" ", 1) for line in lines)
    server = RedisServer.blank(runtime, append_only=append_only, settings=settings)
    try:
        yield server
    finally:
        server.discard()


def held(server) -> dict[tuple[int, bytes], tuple[bytes, int]]:
    """Every key of every database index, with its value as the server serialises it and its expiry."""
    found = {}
    for index in range(16):
        with server.client(index) as client:
            found |= {(index, key): (client.dump(key), client.pexpiretime(key)) for key in client.scan_iter()}
    return found


def state(server) -> tuple:
    """The server's run, its keys and its files: a restore would change all of them."""
    with server.client() as client:
        info = client.info()
    files = {str(path): path.read_bytes() for path in server.data.rglob("*") if path.is_file()}
    files["."] = server.data.stat().st_mtime_ns
    return info["run_id"], {name: info[name] for name in info if name.startswith("db")}, files


def setting(server, name: str) -> str:
    with server.client() as client:
        return client.config_get(name)[name]


def rewritten(server) -> None:
    """Have the server rewrite its append-only file to the end."""
    with server.client() as client:
        client.bgrewriteaof()
        eventually("the rewrite to end", lambda: not rewriting(client), Patience.SERVER_READY)


def rewriting(client) -> bool:
    info = client.info("persistence")
    return bool(info["aof_rewrite_in_progress"] or info["aof_rewrite_scheduled"])


def process_of(server) -> int:
    """The server's process as this host numbers it; servers tell their port in their command line."""
    (found,) = (
        process.pid
        for process in psutil.process_iter(["name", "cmdline"])
        if process.info["name"] in {"redis-server", "valkey-server"}
        and re.search(rf":{server.port}\b", " ".join(process.info["cmdline"] or []))
    )
    return found


def without_disk(server, _runtime) -> None:
    """No new file can be made where the server saves."""
    server.data.chmod(0o500)


def without_memory(server, runtime) -> None:
    """The server cannot make the process that saves."""
    limit = ["prlimit", "--nproc=0:0", "--pid", str(process_of(server))]
    subprocess.run(limit, check=True, **runtime.workspace.user.credentials())
