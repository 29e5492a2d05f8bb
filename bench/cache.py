"""What a cache's fingerprint, snapshot and restore cost beside what the server and its own programs do.

Run as a program, it takes one fingerprint of the cache that REDIS_HOST, REDIS_PORT and REDISCLI_AUTH name and prints
what that took.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import redis

from bench.laboratory import run
from bench.measurement import Measurement, alternating, peak_megabytes, ratio, seconds, spread
from drill.fingerprints.redis import fingerprint
from drill.runtimes import Runtime
from drill.servers.redis import RedisServer

KEYS = 1_000_000
KEYS_A_SECOND = 150_000
RATIO_LIMIT = 1.2
BLOCK_LIMIT = 50.0
MEGABYTES_LIMIT = 200.0
PAUSE = 0.002
DIGESTING = {"enable-debug-command": "yes"}
# Nine of ten keys are texts, a third of all will expire in the year 2100; the others are hashes of three fields.
_FILL = """
for number = tonumber(ARGV[1]), tonumber(ARGV[2]) do
    local key = 'key:' .. number
    if number % 10 == 0 then
        redis.call('HSET', key, 'name', 'camera ' .. number, 'in', number, 'out', number % 7)
    else
        redis.call('SET', key, 'value number ' .. number)
    end
    if number % 3 == 0 then redis.call('PEXPIREAT', key, 4102444800000 + number) end
end
"""
_STEP = 20_000


@dataclass(frozen=True, slots=True)
class Cost:
    """What one fingerprint took: seconds without the program's start, and the process's largest size."""

    seconds: float
    megabytes: float


@contextmanager
def filled(runtime: Runtime) -> Iterator[RedisServer]:
    """Start a server and fill it."""
    server = RedisServer.blank(runtime, settings=DIGESTING)
    try:
        with server.client() as client:
            for first in range(1, KEYS + 1, _STEP):
                client.eval(_FILL, 0, str(first), str(first + _STEP - 1))
        yield server
    finally:
        server.discard()


def cache(runtime: Runtime, server: RedisServer, *, rounds: int, checkout: Path) -> list[Measurement]:
    """Measure fingerprints, snapshot plus restore, and all three, each in turns with what the server's programs do.

    Fingerprint and copies have limits of their own, all three together have none (docs/decisions/0067).
    """
    return [
        *_fingerprints(runtime, server, rounds=rounds, checkout=checkout),
        _copies(runtime, server, rounds, checkout),
        _end_to_end(runtime, server, rounds, checkout),
    ]


def _fingerprints(runtime: Runtime, server: RedisServer, *, rounds: int, checkout: Path) -> Iterator[Measurement]:
    costs: list[Cost] = []
    waits: list[float] = []

    def ours() -> float:
        with _pinging(server, waits):
            done = run([sys.executable, "-m", "bench.cache"], environment=server.environment(), directory=checkout)
        costs.append(Cost(**json.loads(done.stdout)))
        return costs[-1].seconds

    def digest() -> float:
        with server.client() as client:
            return seconds(lambda: client.execute_command("DEBUG DIGEST"))

    taken, digested = alternating(ours, digest, rounds=rounds)
    what = f"fingerprint of a cache of {KEYS:,} small keys"
    yield Measurement(
        what=what,
        runtime=runtime.name,
        value=sorted(taken)[len(taken) // 2],
        unit="s",
        limit=KEYS / KEYS_A_SECOND,
        detail=f"{KEYS / sorted(taken)[len(taken) // 2]:,.0f} keys/s, {spread(taken)}; DEBUG DIGEST, which blocks the"
        f" server all the while, {spread(digested)}; {rounds} pairs",
    )
    yield Measurement(
        what=f"longest wait of a pinging client during the {what}",
        runtime=runtime.name,
        value=max(waits) * 1000,
        unit="ms",
        limit=BLOCK_LIMIT,
        detail=f"the longest of {len(waits):,} pings",
    )
    yield Measurement(
        what=f"memory of the process that takes the {what}",
        runtime=runtime.name,
        value=max(cost.megabytes for cost in costs),
        unit="MB",
        limit=MEGABYTES_LIMIT,
        detail="the largest of all rounds, the interpreter included",
    )


def _copies(runtime: Runtime, server: RedisServer, rounds: int, checkout: Path) -> Measurement:
    ours, bare = alternating(
        lambda: _scripts(runtime, server, checkout), lambda: _bare_copy(runtime, server), rounds=rounds
    )
    return Measurement(
        what=f"snapshot and restore of {KEYS:,} keys, ours : redis-cli --rdb, copy, start",
        runtime=runtime.name,
        value=ratio(ours, bare),
        unit="×",
        limit=RATIO_LIMIT,
        detail=f"ours {spread(ours)}, bare {spread(bare)}, {rounds} pairs; both flushed to disk",
    )


def _end_to_end(runtime: Runtime, server: RedisServer, rounds: int, checkout: Path) -> Measurement:
    def compared(target: RedisServer) -> None:
        with target.client() as client:
            fingerprint(client)

    def digested(target: RedisServer) -> None:
        with target.client() as client:
            client.execute_command("DEBUG DIGEST")

    ours, bare = alternating(
        lambda: _scripts(runtime, server, checkout, compared),
        lambda: _bare_copy(runtime, server, digested),
        rounds=rounds,
    )
    return Measurement(
        what=f"snapshot, restore and fingerprint of {KEYS:,} keys, ours : redis-cli --rdb, copy, start, DEBUG DIGEST",
        runtime=runtime.name,
        value=ratio(ours, bare),
        unit="×",
        limit=None,
        detail=f"ours {spread(ours)}, bare {spread(bare)}, {rounds} pairs",
    )


def _leave(_: RedisServer) -> None: ...


def _scripts(
    runtime: Runtime, server: RedisServer, checkout: Path, then: Callable[[RedisServer], None] = _leave
) -> float:
    repository = runtime.workspace.directory / "repository"
    repository.mkdir()
    contract = {"BACKUP_REPOSITORY": str(repository), "BACKUP_SET": "bench"}
    target = RedisServer.blank(runtime, settings=DIGESTING)

    def script(name: str, environment: dict[str, str]) -> str:
        command = [sys.executable, "-m", f"backup_scripts.{name}"]
        return run(command, environment=environment | contract, directory=checkout).stdout

    started = time.monotonic()
    identifier = json.loads(script("redis_snapshot", server.environment()).splitlines()[-1])["id"]
    script("redis_restore", target.environment() | {"BACKUP_ID": identifier})
    then(target)
    took = time.monotonic() - started
    target.discard()
    shutil.rmtree(repository)
    return took


def _bare_copy(runtime: Runtime, server: RedisServer, then: Callable[[RedisServer], None] = _leave) -> float:
    target = RedisServer.blank(runtime, settings=DIGESTING)
    target.stop()
    file = runtime.workspace.directory / "bare.rdb"
    started = time.monotonic()
    place = ["-h", server.host, "-p", str(server.port)]
    run(["redis-cli", *place, "--rdb", str(file)], environment=server.environment())
    shutil.copy(file, target.data / "dump.rdb")
    _flush(target.data / "dump.rdb")
    runtime.workspace.user.give(target.data / "dump.rdb")
    target.start()
    then(target)
    took = time.monotonic() - started
    target.discard()
    file.unlink()
    return took


def _flush(file: Path) -> None:
    """Bring a copy to the disk, as durable as a restore has to be (docs/decisions/0067)."""
    with file.open("rb") as copied:
        os.fsync(copied.fileno())


@contextmanager
def _pinging(server: RedisServer, waits: list[float]) -> Iterator[None]:
    """Ping the server all the while and note how long each answer took."""
    over = threading.Event()

    def ping() -> None:
        with server.client() as client:
            client.ping()
            while not over.wait(PAUSE):
                waits.append(seconds(client.ping))

    with ThreadPoolExecutor(max_workers=1) as pool:
        pinging = pool.submit(ping)
        yield
        over.set()
        pinging.result()


def _fingerprint_here() -> Cost:
    client = redis.Redis(
        host=os.environ["REDIS_HOST"], port=int(os.environ["REDIS_PORT"]), password=os.environ["REDISCLI_AUTH"]
    )
    return Cost(seconds(lambda: fingerprint(client)), peak_megabytes())


if __name__ == "__main__":
    os.write(1, json.dumps(asdict(_fingerprint_here())).encode())
