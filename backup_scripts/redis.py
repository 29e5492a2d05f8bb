"""What the scripts ask of a Redis or Valkey server, through redis-cli.

The connection: REDIS_HOST, REDIS_PORT (6379), REDISCLI_AUTH (the password, which redis-cli reads from
the environment itself) and REDIS_USER where it is not the default user.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from backup_scripts import programs
from backup_scripts.contract import Failed, Refused, required
from backup_scripts.programs import Finished

CHANGES = "rdb_changes_since_last_save"
PAUSE_SECONDS = 0.02
FORMAT_BYTES, CHECKSUM_BYTES = 2, 8
CLUSTERED = (
    "the server is a node of a cluster and holds a share of its keys, which alone is no backup;"
    " these scripts back up and restore servers with cluster-enabled no"
)


class Keys(NamedTuple):
    """How many keys a database index holds, and how many of them may expire by themselves."""

    keys: int
    expires: int


class Server(NamedTuple):
    """What a server says of itself in INFO."""

    info: Mapping[str, str]

    @property
    def engine(self) -> str:
        """Either redis or valkey."""
        return self.info.get("server_name", "redis")

    @property
    def version(self) -> str:
        """The engine's own version; Valkey also tells which Redis it is compatible with."""
        return self.info[f"{self.engine}_version"]

    @property
    def run(self) -> str:
        """An identifier that changes with every start of the server."""
        return self.info["run_id"]

    @property
    def loading(self) -> bool:
        """Whether it is still reading its data in."""
        return self.info["loading"] != "0"

    @property
    def clustered(self) -> bool:
        """Whether it holds only its share of a cluster's keys."""
        return self.info.get("cluster_enabled") == "1"

    @property
    def appends(self) -> bool:
        """Whether it keeps an append-only file."""
        return self.info["aof_enabled"] == "1"

    @property
    def saving(self) -> bool:
        """Whether it writes an RDB file."""
        return self.info["rdb_bgsave_in_progress"] != "0"

    @property
    def saves(self) -> int:
        """How many saves it has begun since it started, be they well ended or not."""
        return int(self.info["rdb_saves"])

    @property
    def saved_at(self) -> int:
        """When its last good save ended, in seconds since 1970."""
        return int(self.info["rdb_last_save_time"])

    @property
    def second(self) -> int:
        """The second that its clock showed, since 1970."""
        return int(self.info["server_time_usec"]) // 1_000_000

    @property
    def busy(self) -> bool:
        """Whether it would not begin a save now."""
        return self.saving or self.rewriting

    @property
    def rewriting(self) -> bool:
        """Whether it rewrites its append-only file, or is about to."""
        return (self.info["aof_rewrite_in_progress"], self.info["aof_rewrite_scheduled"]) != ("0", "0")

    @property
    def rewrites(self) -> int:
        """How often it has rewritten its append-only file since it started."""
        return int(self.info["aof_rewrites"])

    @property
    def appended(self) -> int:
        """How many bytes its append-only file has."""
        return int(self.info["aof_current_size"])

    @property
    def counts_base(self) -> bool:
        """Whether these bytes include the base, which a server leaves out that was blank and has rewritten nothing."""
        return self.info["aof_base_size"] != "0"

    @property
    def accepted(self) -> int:
        """How many bytes its append-only file has when all is written that happened before this moment."""
        return self.appended + int(self.info["aof_buffer_length"])

    @property
    def has_dropped_keys(self) -> bool:
        """Whether a key or a field has expired or been evicted since it started."""
        return any(self.info.get(name, "0") != "0" for name in ("expired_keys", "expired_subkeys", "evicted_keys"))

    @property
    def databases(self) -> dict[str, Keys]:
        """Database index → its keys; empty ones are left out."""
        return {name[2:]: _keys(value) for name, value in self.info.items() if re.fullmatch(r"db\d+", name)}

    def changes_since(self, earlier: Server) -> int | None:
        """Return how many keys may have changed since, or None where a save reset the count."""
        if self.run != earlier.run or self.info["rdb_last_save_time"] != earlier.info["rdb_last_save_time"]:
            return None
        return self._count(CHANGES) - earlier._count(CHANGES) + self._losses_since(earlier)

    def changes_since_save(self, before: Server) -> int | None:
        """Return how many keys may have changed since the last save; None where there was more than one since."""
        if self.saves != before.saves + 1:
            return None
        return self._count(CHANGES) + self._losses_since(before)

    def _losses_since(self, earlier: Server) -> int:
        return sum(self._count(name) - earlier._count(name) for name in ("expired_keys", "evicted_keys"))

    def _count(self, name: str) -> int:
        return int(self.info[name])


def info(*, aloud: bool = True, within: float | None = None) -> Server:
    """Connect and say who answers, be it ready or not.

    Raises:
        Failed: as `ask`.
    """
    said = ask("INFO", aloud=aloud, within=within)
    return Server(dict(line.split(":", 1) for line in said.splitlines() if ":" in line))


def server() -> Server:
    """Connect to a server that has its data, and say who answers.

    Raises:
        Failed: as `info`; ``server-unreachable`` also while it loads its data.
    """
    found = info()
    if found.loading:
        raise Failed("server-unreachable", "the server is still loading its data; wait and run it again")
    return found


def source() -> Server:
    """Connect to a server that is to be backed up, and say who answers.

    Raises:
        Failed: as `server`; ``cluster-unsupported``.
    """
    found = server()
    if found.clustered:
        raise Failed("cluster-unsupported", CLUSTERED)
    return found


def wait(until: Callable[[Server], bool], otherwise: str, seconds: int) -> Server:
    """Ask a server that is to be backed up until it says what it should; return what it said.

    Raises:
        Failed: as `source`; ``server-busy``.
    """
    deadline = time.monotonic() + seconds
    while not until(found := source()):
        if time.monotonic() > deadline:
            raise Failed("server-busy", f"{otherwise} within {seconds} s; read its log and run this again")
        time.sleep(PAUSE_SECONDS)
    return found


def settings(*names: str) -> dict[str, str]:
    """Return the server's present settings of these names; one that it does not know is left out.

    Raises:
        Failed: as `ask`.
    """
    words = ask("CONFIG", "GET", *names).splitlines()
    return dict(zip(words[::2], words[1::2], strict=True))


def format_version() -> int:
    """Return the version of the RDB format that the server writes, which is the newest that it reads.

    It stands before the checksum in what DUMP and FUNCTION DUMP answer; a server without functions answers just these.

    Raises:
        Refused: ``target-not-empty``: the server holds functions.
        Failed: as `ask`.
    """
    import ast  # here, because only a restore needs it

    said = ask("--no-raw", "FUNCTION", "DUMP").strip()
    payload = ast.literal_eval(f"b{said}")
    if len(payload) != FORMAT_BYTES + CHECKSUM_BYTES:
        raise Refused("target-not-empty", "the target holds functions; name a blank server")
    return int.from_bytes(payload[:FORMAT_BYTES], "little")


def ask(*words: str, aloud: bool = True, within: float | None = None) -> str:
    """Run one command that changes nothing, and return its answer.

    Raises:
        Failed: as `call`; ``server-unreachable`` also where there is no answer within so many seconds.
    """
    finished = programs.run(command("-e", *words), aloud=aloud, within=within, harmless=True)
    if within is not None and finished.status == -signal.SIGTERM:
        raise Failed("server-unreachable", f"connected to, and without an answer within {within:g} s")
    return _answer(finished)


def call(*words: str) -> str:
    """Run one command and return its answer.

    Raises:
        Failed: ``server-unreachable``, ``authentication-failed``, ``command-failed``.
    """
    return _answer(programs.run(command("-e", *words)))


def _answer(finished: Finished) -> str:
    if finished.status != 0:
        raise failure(finished)
    return finished.answer


def command(*words: str) -> list[str]:
    """Build a redis-cli command line; the password is not in it."""
    user = os.environ.get("REDIS_USER")
    place = ["-h", required("REDIS_HOST"), "-p", os.environ.get("REDIS_PORT", "6379")]
    return ["redis-cli", *place, *(["--user", user] if user else []), *words]


def failure(finished: Finished) -> Failed:
    """Build the error for a redis-cli that failed, from what it said."""
    if re.search("Could not connect|closed the connection|Connection reset", finished.said):
        return finished.failure("server-unreachable", "check REDIS_HOST and REDIS_PORT, and that the server runs")
    if re.search("NOAUTH|WRONGPASS|NOPERM|AUTH failed", finished.said):
        return finished.failure("authentication-failed", "check REDISCLI_AUTH, REDIS_USER and the user's rights")
    if re.search("BGSAVE failed|while SYNCing", finished.said):
        return finished.failure("save-failed", "free disk space or memory at the server, and read its log")
    return finished.failure("command-failed", "read the server's log")


def release(version: str) -> tuple[int, int]:
    """Return the release of 8.1.8 as (8, 1): RDB formats change between these."""
    first, second, *_ = [*(int(part) for part in re.findall(r"\d+", version)), 0, 0]
    return first, second


def _keys(line: str) -> Keys:
    counts = dict(part.split("=") for part in line.split(","))
    # A hash whose last field expires vanishes too; Redis counts such hashes apart, as subexpiry.
    return Keys(int(counts["keys"]), int(counts["expires"]) + int(counts.get("subexpiry", 0)))
