"""A disposable Redis-protocol server under a supervisor."""

from __future__ import annotations

import itertools
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from drill.runtimes import Engine, Runtime
from drill.runtimes.workspace import write_private
from drill.search_path import search_path
from drill.servers.process import ServerProcess

_numbers = itertools.count(1)


class RedisServer(ServerProcess):
    """One server; ``client`` for the suite, ``environment`` for a script.

    It is started again after an orderly end (SHUTDOWN), as a service manager would do, and stays down after SIGKILL.
    """

    def __init__(self, runtime: Runtime, *, home: Path, append_only: bool) -> None:
        self._runtime = runtime
        port = runtime.workspace.claim_port()
        settings = home / "redis.conf"
        # In a file, because a password in argv is everybody's.
        write_private(settings, self._settings(home, port=port, append_only=append_only))
        runtime.workspace.user.give(settings)
        service = runtime.service(Engine.REDIS, ["redis-server", str(settings)], home=home, port=port, supervised=True)
        super().__init__(service)

    @classmethod
    def blank(cls, runtime: Runtime, *, append_only: bool = False) -> RedisServer:
        """Start a server that holds nothing."""
        home = runtime.workspace.make(f"redis-{next(_numbers)}")
        server = cls(runtime, home=home, append_only=append_only)
        server.provision()
        server.start()
        return server

    def __str__(self) -> str:
        return f"{self._runtime.version(Engine.REDIS).product} on port {self.port}"

    def provision(self) -> None:
        """Put an empty data directory in the place of the missing one."""
        self.data.mkdir(mode=0o700)
        self._runtime.workspace.user.give(self.data)

    def client(self, database: int = 0) -> redis.Redis:
        """Return a client that reads bytes; it does not retry, so that what it sees is what happened."""
        return redis.Redis(
            host=self.host,
            port=self.port,
            db=database,
            password=self._runtime.workspace.password.get_secret_value(),
            socket_connect_timeout=10,
            socket_timeout=60,
            retry=Retry(NoBackoff(), 0),
        )

    def environment(self) -> dict[str, str]:
        """Return what a script needs to reach this server, and where its data directory is."""
        return {
            "PATH": search_path(self._runtime.programs),
            "REDIS_HOST": self.host,
            "REDIS_PORT": str(self.port),
            "REDISCLI_AUTH": self._runtime.workspace.password.get_secret_value(),
            "REDIS_DIR": str(self.data),
        }

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except (redis.ConnectionError, redis.BusyLoadingError, redis.TimeoutError):
            return False

    def _settings(self, home: Path, *, port: int, append_only: bool) -> str:
        return "\n".join(
            [
                f"port {port}",
                f"bind {self._runtime.listen_address}",
                f"dir {home / 'data'}",
                f"requirepass {self._runtime.workspace.password.get_secret_value()}",
                f"appendonly {'yes' if append_only else 'no'}",
                # Snapshots are the backup's business here; an orderly end must not write one by itself.
                'save ""',
                # A copy over the replication stream need not wait for further replicas.
                "repl-diskless-sync-delay 0",
                "",
            ]
        )
