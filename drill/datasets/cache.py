"""The camera-counting cache: one of everything that a Redis server can hold, as the application uses it."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import redis

LIVE, SESSIONS, ARCHIVE = 0, 3, 15
LEDGER = "written"
# Absolute, so that the same seed gives the same content on any day.
SESSIONS_EXPIRE = datetime(2099, 1, 1, tzinfo=UTC)
SETTINGS = {
    "maxmemory-policy": "volatile-lru",
    "notify-keyspace-events": "Ex",
    "maxclients": "500",
    "repl-backlog-ttl": "7200",
    "tcp-keepalive": "60",
}
"""What operators have changed while the server ran, and never wrote into a file."""
USER = "dashboard"
LIBRARY = """#!lua name=counting
redis.register_function{function_name = 'busiest', flags = {'no-writes'}, callback = function(keys)
    return redis.call('ZRANGE', keys[1], 0, 2, 'REV')
end}
"""
_MEMORY = 256 << 20
BYTES_PER_DAY = 4 << 10
"""What a camera's counts of a day take that ``grow`` adds."""
_EARLIER = "days before"
"""The key that says how many of them there are."""
Key = str | bytes
Connect = Callable[[int], redis.Redis]
"""Returns a client of a database index."""


def seed(connect: Connect, *, seed: int, scale: int) -> None:
    """Fill an empty server; the same seed and scale give the same content.

    Args:
        connect: reaches the server.
        seed: any integer.
        scale: multiplies the 400 cameras and 300 sessions of the smallest estate.
    """
    draw = random.Random(seed)  # noqa: S311 - content, not secrets
    with connect(LIVE) as live, connect(SESSIONS) as sessions, connect(ARCHIVE) as archive:
        _seed_cameras(live, draw, cameras=400 * scale)
        _seed_collections(live, draw)
        _seed_stream(live, draw)
        _seed_sessions(sessions, draw, number=300 * scale)
        archive.set("floor plan", draw.randbytes(256 << 10))
        archive.hset("faces", mapping={f"face {number}": draw.randbytes(8) for number in range(3000)})
        live.function_load(LIBRARY)
        live.acl_setuser(
            USER, enabled=True, passwords=[f"+{password(seed)}"], keys=["count:*"], commands=["+get", "+mget"]
        )
        for name, value in {**SETTINGS, "maxmemory": str(_MEMORY * scale)}.items():
            live.config_set(name, value)


def grow(client: redis.Redis, *, days: int) -> None:
    """Add so many values of ``BYTES_PER_DAY``, no two of them alike; each has a key of its own."""
    draw = random.Random(days)  # noqa: S311 - content, not secrets
    last = int(client.incrby(_EARLIER, days))
    with client.pipeline(transaction=False) as pipe:
        for day in range(last - days, last):
            pipe.set(f"counts of a day:{day}", draw.randbytes(BYTES_PER_DAY // 2).hex())
            if day % 1000 == 0:
                pipe.execute()
        pipe.execute()


def _seed_cameras(client: redis.Redis, draw: random.Random, *, cameras: int) -> None:
    with client.pipeline(transaction=False) as pipe:
        for camera in range(1, cameras + 1):
            pipe.set(f"count:{camera}:in", draw.randrange(10_000))
            pipe.hset(
                f"camera:{camera}",
                mapping={"name": f"Cổng số {camera}", "fps": draw.randrange(5, 30), "mask": bytes([0, 255, 10])},
            )
            pipe.zadd("ranking", {f"camera:{camera}": draw.random() * 1000})
            pipe.geoadd("places", (105 + draw.random(), 10 + draw.random(), f"camera:{camera}"))
            pipe.setbit("seen today", camera, draw.randrange(2))
            if camera % 100 == 0:
                pipe.execute()
        pipe.zadd("ranking", {"tràn": float("inf"), "âm": -0.5})
        pipe.execute()


def _seed_collections(client: redis.Redis, draw: random.Random) -> None:
    with client.pipeline(transaction=False) as pipe:
        pipe.rpush("recent", *(f"alert {n}" for n in range(50)))
        pipe.sadd("sites", "hà nội", "huế", "sài gòn")
        pipe.sadd("site numbers", 1, 2, 3, 2**40)
        pipe.pfadd("visitors", *(f"visitor {n}" for n in range(500)))
        pipe.set(bytes(range(32)), bytes(range(256)))
        pipe.set("rỗng", "")
        pipe.hset("occupancy", mapping={f"zone {number}": draw.randrange(100) for number in range(20)})
        pipe.execute()
    if fields_expire(client):
        # A zone that reports no more is forgotten by itself.
        expires = int(SESSIONS_EXPIRE.timestamp() * 1000)
        for number in range(5):
            client.hpexpireat("occupancy", expires + number, f"zone {number}")


def _seed_sessions(client: redis.Redis, draw: random.Random, *, number: int) -> None:
    with client.pipeline(transaction=False) as pipe:
        for user in range(number):
            key = f"session:{draw.getrandbits(64):016x}"
            pipe.set(key, f"user {user}")
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


def password(seed: int) -> str:
    """Return the dashboard's password in the estate of that seed."""
    return f"{random.Random(seed).getrandbits(128):032x}"  # noqa: S311 - of a disposable server


def allowed(client: redis.Redis) -> dict[str, bool]:
    """Return whether the dashboard may do a few things; a user who is not there may do nothing."""
    tries = {
        "read a counter": ("GET", "count:7:in"),
        "read a camera": ("HGETALL", "camera:7"),
        "set a counter": ("SET", "count:7:in", "0"),
        "delete everything": ("FLUSHALL",),
    }
    known = client.acl_getuser(USER) is not None
    return {what: known and client.acl_dryrun(USER, *command) == b"OK" for what, command in tries.items()}


def tells_what_is_flushed(client: redis.Redis) -> bool:
    """Tell whether this server can say what is on its disk."""
    return client.execute_command("COMMAND INFO", "WAITAOF") not in ({}, [None])  # type: ignore[no-untyped-call]


def fields_expire(client: redis.Redis) -> bool:
    """Tell whether single fields of this server's hashes can expire."""
    return client.execute_command("COMMAND INFO", "HPEXPIREAT") not in ({}, [None])  # type: ignore[no-untyped-call]


CONTENTS: dict[str, tuple[int, Key]] = {
    "a live counter": (LIVE, "count:7:in"),
    "an empty text": (LIVE, "rỗng"),
    "a key and a value of arbitrary bytes": (LIVE, bytes(range(32))),
    "the newest alerts in their order": (LIVE, "recent"),
    "the sites": (LIVE, "sites"),
    "the sites by number": (LIVE, "site numbers"),
    "a camera's attributes": (LIVE, "camera:7"),
    "zones that are forgotten one by one": (LIVE, "occupancy"),
    "the ranking of the cameras": (LIVE, "ranking"),
    "where the cameras stand": (LIVE, "places"),
    "which cameras were seen today": (LIVE, "seen today"),
    "how many visitors there were, roughly": (LIVE, "visitors"),
    "events, and who is at work on which": (LIVE, "events"),
    "a floor plan of a quarter of a megabyte": (ARCHIVE, "floor plan"),
    "three thousand faces": (ARCHIVE, "faces"),
}
"""What the application keeps where: at least one of every type, in more than one database index."""


def kinds(connect: Connect) -> dict[str, str]:
    """Return the type of each of ``CONTENTS``; what is missing has the type "none"."""
    found = {}
    for what, (database, key) in CONTENTS.items():
        with connect(database) as client:
            found[what] = bytes(client.type(key)).decode()
    return found


def begin_brief_sessions(client: redis.Redis, *, lasting: timedelta) -> tuple[str, ...]:
    """Begin sessions that end soon and return their keys."""
    keys = tuple(f"session:brief:{number}" for number in range(3))
    for key in keys:
        client.set(key, "somebody about to leave", px=lasting)
    return keys


def _text(name: bytes | str) -> str:
    return name.decode() if isinstance(name, bytes) else name


MISHAPS: dict[str, Callable[[redis.Redis, str], object]] = {
    "lost": lambda client, key: client.delete(key),
    "given another end": lambda client, key: client.pexpireat(key, client.pexpiretime(key) + 1),
    "given no end": lambda client, key: client.persist(key),
}
"""What tools do to sessions that have not ended."""


def befall(client: redis.Redis, mishap: str) -> str:
    """Have a mishap befall one session and return its key."""
    key = min(name for name in map(_text, client.scan(match="session:*", count=1000)[1]))
    MISHAPS[mishap](client, key)
    return key


def health(client: redis.Redis) -> tuple[object, ...]:
    """Return the application's first question answered: a live counter, the busiest camera, the work in hand."""
    return (client.get("count:7:in"), client.zrevrange("ranking", 0, 2, withscores=True), client.xlen("events"))


def canaries(connect: Connect) -> dict[str, bytes]:
    """Return some of what the cache guards, as bytes that no server packs: they are as good as random."""
    with connect(LIVE) as live, connect(SESSIONS) as sessions, connect(ARCHIVE) as archive:
        token = min(_text(name) for name in sessions.scan_iter(match="session:*", count=1000))
        hashed = _text(live.acl_getuser(USER)["passwords"][0]).lstrip("#")
        return {
            "the token of a session": token.partition(":")[2].encode(),
            "a piece of the floor plan": archive.getrange("floor plan", 1000, 1031),
            "the hash of a user's password": hashed.encode(),
        }


def write(client: redis.Redis, number: int, *, together: int = 1, flushed: bool = False) -> None:
    """Write ledger entries from this number on, each with a reply of its own; all are acknowledged when this returns.

    With ``flushed``, only what the server has on its disk counts as acknowledged.

    Raises:
        redis.ResponseError: the server cannot say what is on its disk.
    """
    with client.pipeline(transaction=False) as pipe:
        for each in range(number, number + together):
            pipe.hset(LEDGER, str(each), 1)
        if flushed:
            pipe.execute_command("WAITAOF", 1, 0, 0)  # type: ignore[no-untyped-call]
        pipe.execute()


def written(client: redis.Redis) -> set[int]:
    """Return the numbers of the ledger entries that are there."""
    return {int(number) for number in client.hkeys(LEDGER)}


def size(client: redis.Redis) -> int:
    """Return the memory that the data takes, in bytes."""
    return int(client.info("memory")["used_memory_dataset"])
