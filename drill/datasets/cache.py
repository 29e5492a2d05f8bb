"""The camera-counting cache: live counters, sessions, rankings and a stream that workers are in the middle of."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import redis

LIVE, SESSIONS = 0, 3
LEDGER = "written"
# Absolute, so that the same seed gives the same content on any day.
SESSIONS_EXPIRE = datetime(2099, 1, 1, tzinfo=UTC)


def seed(client: redis.Redis, sessions: redis.Redis, *, seed: int, scale: int) -> None:
    """Fill two empty database indexes; the same seed and scale give the same content.

    Args:
        client: a client of database index ``LIVE``.
        sessions: a client of database index ``SESSIONS``.
        seed: any integer.
        scale: multiplies the 400 cameras and 300 sessions of the smallest estate.
    """
    draw = random.Random(seed)  # noqa: S311 - content, not secrets
    with client.pipeline(transaction=False) as pipe:
        for camera in range(1, 400 * scale + 1):
            pipe.set(f"count:{camera}:in", draw.randrange(10_000))
            pipe.hset(
                f"camera:{camera}",
                mapping={"name": f"Cổng số {camera}", "fps": draw.randrange(5, 30), "mask": bytes([0, 255, 10])},
            )
            pipe.zadd("ranking", {f"camera:{camera}": draw.random() * 1000})
            if camera % 100 == 0:
                pipe.execute()
        pipe.zadd("ranking", {"tràn": float("inf"), "âm": -0.5})
        pipe.rpush("recent", *(f"alert {n}" for n in range(50)))
        pipe.sadd("sites", "hà nội", "huế", "sài gòn")
        pipe.pfadd("visitors", *(f"visitor {n}" for n in range(500)))
        pipe.set(bytes(range(32)), bytes(range(256)))
        pipe.execute()
    _seed_stream(client, draw)
    with sessions.pipeline(transaction=False) as pipe:
        for number in range(300 * scale):
            key = f"session:{draw.getrandbits(64):016x}"
            pipe.set(key, f"user {number}")
            pipe.pexpireat(key, int(SESSIONS_EXPIRE.timestamp() * 1000) + draw.randrange(10**9))
        pipe.execute()


def _seed_stream(client: redis.Redis, draw: random.Random) -> None:
    for number in range(1, 121):
        client.xadd("events", {"camera": draw.randrange(400), "in": draw.randrange(20)}, id=f"1767225600000-{number}")
    client.xgroup_create("events", "counters", id="0")
    # Taken but not acknowledged: a worker that died holding work.
    client.xreadgroup("counters", "worker-1", {"events": ">"}, count=30)
    client.xack("events", "counters", *(f"1767225600000-{number}" for number in range(1, 21)))
    client.xdel("events", "1767225600000-120")


def health(client: redis.Redis) -> tuple[object, ...]:
    """Return the application's first question answered: a live counter, the busiest camera, the work in hand."""
    return (client.get("count:7:in"), client.zrevrange("ranking", 0, 2, withscores=True), client.xlen("events"))


def write(client: redis.Redis, number: int) -> None:
    """Write one ledger entry; it is acknowledged when this returns."""
    client.hset(LEDGER, str(number), 1)


def written(client: redis.Redis) -> set[int]:
    """Return the numbers of the ledger entries that are there."""
    return {int(number) for number in client.hkeys(LEDGER)}


def size(client: redis.Redis) -> int:
    """Return the memory that the data takes, in bytes."""
    return int(client.info("memory")["used_memory_dataset"])
