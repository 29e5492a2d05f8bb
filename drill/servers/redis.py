"""A disposable Redis-protocol server under a supervisor."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import redis
from redis.backoff import NoBackoff
from redis.connection import HiredisRespSerializer
from redis.retry import Retry

from drill.commands.search_path import search_path
from drill.runtimes import Engine, Runtime
from drill.runtimes.workspace import write_private
from drill.servers.process import ServerProcess
from drill.waiting import Patience, eventually

_numbers = itertools.count(1)
_AS_USUAL: Mapping[str, str] = MappingProxyType({})
_USUAL = {
    # Snapshots are the backup's business here; an orderly end must not write one by itself.
    "save": '""',
    # A copy over the replication stream need not wait for further replicas.
    "repl-diskless-sync-delay": "0",
}


class TextPacker(HiredisRespSerializer):
    """Packs the numbers of commands as text.

    hiredis takes no heed of a signal that interrupts it while it writes a number (``pack_command``, to 3.5.0), and the
    process dies of SIGSEGV where it was asked to clear up and end.
    """

    def pack(self, *args: Any) -> Any:
        """Pack a command as hiredis does."""
        texts: Any = (repr(each) if type(each) in (int, float) else each for each in args)
        return super().pack(*texts)


class RedisServer(ServerProcess):
    """One server; ``client`` for the suite, ``environment`` for a script.

    It is started again after an orderly end (SHUTDOWN), as a service manager would do, and stays down after SIGKILL.
    """

    def __init__(self, runtime: Runtime, *, home: Path, settings: Mapping[str, str]) -> None:
        self._runtime = runtime
        self._settings = {**_USUAL, **settings}
        port = runtime.workspace.claim_port()
        file = home / "redis.conf"
        service = runtime.service(Engine.REDIS, ["redis-server", str(file)], home=home, port=port, supervised=True)
        super().__init__(service)

    @classmethod
    def blank(
        cls, runtime: Runtime, *, append_only: bool = False, settings: Mapping[str, str] = _AS_USUAL
    ) -> RedisServer:
        """Start a server that holds nothing.

        Args:
            runtime: where it runs.
            append_only: whether it keeps an append-only file.
            settings: what else its configuration file says.
        """
        home = runtime.workspace.make(f"redis-{next(_numbers)}")
        server = cls(runtime, home=home, settings={"appendonly": "yes" if append_only else "no"})
        server.configure(settings)
        server.provision()
        server.start()
        return server

    def __str__(self) -> str:
        return f"{self._runtime.version(Engine.REDIS).product} on port {self.port}"

    def configure(self, settings: Mapping[str, str]) -> None:
        """Write other settings into the configuration file; they hold from the next start on."""
        self._settings |= settings
        if self._settings.get("cluster-enabled") == "yes":
            # Its bus would listen 10,000 ports above, where any outgoing connection may be.
            self._settings.setdefault("cluster-port", str(self._runtime.workspace.claim_port()))
        own = {
            "port": str(self.port),
            "bind": self._runtime.listen_address,
            "dir": str(self.data),
            "requirepass": self._password,
            "masterauth": self._password,
        }
        file = self.service.home / "redis.conf"
        file.unlink(missing_ok=True)
        # In a file, because a password in argv is everybody's.
        write_private(file, "".join(f"{name} {value}\n" for name, value in (own | self._settings).items()))
        self._runtime.workspace.user.give(file)

    def follow(self, primary: RedisServer) -> None:
        """Become a replica of another server, and wait until it has what that has."""
        with self.client() as client:
            client.replicaof(primary.service.address, primary.port)
            eventually(
                f"{self} to copy {primary}",
                lambda: client.info("replication").get("master_link_status") == "up",
                Patience.SERVER_READY,
            )

    def promote(self) -> None:
        """Stop following and take writes."""
        with self.client() as client:
            client.replicaof("NO", "ONE")

    def admit(self, user: str, *, without: Sequence[str]) -> dict[str, str]:
        """Let in a user who may do everything but these commands; return what a script has to know of that."""
        with self.client() as client:
            client.acl_setuser(
                user,
                enabled=True,
                passwords=[f"+{self._password}"],
                keys=["*"],
                channels=["*"],
                commands=["+@all", *(f"-{command}" for command in without)],
            )
        return {"REDIS_USER": user}

    def refuse_writes(self) -> None:
        """Have the data directory take no new file, as a full disk does."""
        self.data.chmod(0o500)

    def accept_writes(self) -> None:
        """Have the data directory take new files again."""
        self.data.chmod(0o700)

    def own(self, file: Path) -> None:
        """Give a file in the data directory to the server's user, as an operator would after a copy."""
        self._runtime.workspace.user.give(file)

    def provision(self) -> None:
        """Put an empty data directory in the place of the missing one."""
        self.data.mkdir(mode=0o700)
        self._runtime.workspace.user.give(self.data)

    def client(self, database: int = 0) -> redis.Redis:
        """Return a client that reads bytes; it does not retry, so that what it sees is what happened."""
        client = redis.Redis(
            host=self.host,
            port=self.port,
            db=database,
            password=self._password,
            socket_connect_timeout=10,
            socket_timeout=60,
            retry=Retry(NoBackoff(), 0),
        )
        client.connection_pool.connection_kwargs["command_packer"] = TextPacker()
        return client

    def environment(self) -> dict[str, str]:
        """Return what a script needs to reach this server, and where its data directory is."""
        return {
            "PATH": search_path(self._runtime.programs),
            "REDIS_HOST": self.host,
            "REDIS_PORT": str(self.port),
            "REDISCLI_AUTH": self._password,
            "REDIS_DIR": str(self.data),
        }

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except (redis.ConnectionError, redis.BusyLoadingError, redis.TimeoutError):
            return False

    @property
    def _password(self) -> str:
        return self._runtime.workspace.password.get_secret_value()


class RedisServers(Protocol):
    """Makes servers."""

    def __call__(self, configuration: Mapping[str, str] = _AS_USUAL, *, filled: bool = True) -> RedisServer:
        """Start a server: with the seeded estate or blank, and with these settings in its configuration file."""
