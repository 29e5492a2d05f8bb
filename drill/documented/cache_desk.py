"""Where an operator types the document's Redis commands: a directory, a shell and servers of one's own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from drill.documented.desk import Said, typed
from drill.fingerprints import Difference, Fingerprint, differences, redis
from drill.policy import Policy
from drill.servers.redis import RedisServer, RedisServers
from drill.waiting import Patience, eventually

STANDS_FOR = {
    "redis-cli ": 'redis-cli -h "$REDIS_HOST" -p "$REDIS_PORT" ',
    "/path/to/": "",
    "/var/lib/redis/": '"$REDIS_DIR"/',
}
"""What is meant by the document's places; its options are left as they are."""


@dataclass(frozen=True, slots=True)
class CacheDesk:
    """The place of one trial: the document's commands, servers to try them on, and where files are found and left."""

    policy: Policy
    servers: RedisServers
    directory: Path

    def run(self, identifier: str, server: RedisServer, *, admitted: bool = True) -> Said:
        """Carry out the document's command of this id on a server's host and show what came of it.

        Args:
            identifier: of the command.
            server: whose host it is typed on.
            admitted: whether the operator has the server's password.
        """
        command = self.policy.documented_command(identifier).command
        for words, meant in STANDS_FOR.items():
            command = command.replace(words, meant)
        environment = dict(server.environment()) | {"HOME": os.environ.get("HOME", "/")}
        if not admitted:
            del environment["REDISCLI_AUTH"]
        return typed(command, environment=environment, directory=self.directory)

    def file(self, name: str) -> Path:
        """Return a file of this place."""
        return self.directory / name

    def fetch(self, server: RedisServer, *, name: str) -> Path:
        """Copy the server's snapshot here under another name, as the document leaves it to the reader."""
        file = self.file(name)
        file.write_bytes((server.data / "dump.rdb").read_bytes())
        return file

    def successor(self, server: RedisServer) -> None:
        """Put a blank server in the place of a lost one, stopped."""
        server.lose_data()
        server.provision()

    def saved(self, server: RedisServer) -> None:
        """Wait until the server has saved, well or not."""
        with server.client() as client:
            eventually(
                f"{server} to save",
                lambda: not client.info("persistence")["rdb_bgsave_in_progress"],
                Patience.SERVER_READY,
            )

    def held(self, server: RedisServer) -> Fingerprint:
        """Return what a server holds."""
        with server.client() as client:
            return redis.fingerprint(client)

    def lacking(self, expected: Fingerprint, server: RedisServer) -> list[Difference]:
        """Return how a server differs from what it should hold."""
        return differences(expected, self.held(server))
