"""What a Redis server holds: every key of every database index, its functions and its users."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import redis

from drill.fingerprints.content import Census, Content
from drill.fingerprints.fingerprint import Fingerprint, FingerprintError
from drill.fingerprints.redis_values import Reader

ENGINE = "redis"
SCANNED = 1000
"""How many keys one step of the scan asks for."""
ATTEMPTS = 3
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def fingerprint(client: redis.Redis) -> Fingerprint:
    """Return what the server of a client holds, in all its database indexes.

    It only reads, in small steps, over connections of its own. Redis has no snapshot to read from: what is written
    meanwhile may or may not be in it. Of passwords only hashes of hashes are kept, and none of the default user, whose
    password belongs to the server and not to the data.

    Raises:
        FingerprintError: the server is older than Redis 7, or its keys are moving while they are read.
        redis.RedisError: the server went away, or forbids something.
    """
    with closing(_connected(client, database=0)) as server:
        facts = dict([*_functions(server), *_users(server)])
        databases = sorted(int(name.removeprefix("db")) for name in server.info("keyspace"))
        contents = {f"keys of database {database}": _content(client, database) for database in databases}
        seconds, microseconds = server.time()
    taken_at = _EPOCH + timedelta(seconds=seconds, microseconds=microseconds)
    return Fingerprint(engine=ENGINE, facts=facts, contents=contents, taken_at=taken_at)


def _connected(client: redis.Redis, *, database: int) -> redis.Redis:
    """Return another client of the same server, so that the given one's selected database is left alone."""
    pool = client.connection_pool
    settings = pool.connection_kwargs | {"db": database, "decode_responses": False, "protocol": 2}
    return redis.Redis.from_pool(redis.ConnectionPool(connection_class=pool.connection_class, **settings))


def _content(client: redis.Redis, database: int) -> Content:
    """Count the keys of one database index.

    SCAN may return a key twice while the server shrinks its table. Then more keys are counted than there are, which
    shows without remembering them all.
    """
    with closing(_connected(client, database=database)) as server:
        for _ in range(ATTEMPTS):
            census, at_most = Census(), server.dbsize()
            reader = Reader(server)
            for names in _scan(server):
                for item in reader.read(names):
                    census.add(*item)
            if reader.keys <= at_most:
                return census.content
    raise FingerprintError(
        f"database {database}: more keys were read than there are, {ATTEMPTS} times over",
        remedy="stop whatever writes to the server and try again",
    )


def _scan(server: redis.Redis) -> Iterator[list[bytes]]:
    cursor = None
    while cursor != 0:
        cursor, names = server.scan(cursor=cursor or 0, count=SCANNED)
        yield list(dict.fromkeys(names))


def _functions(server: redis.Redis) -> Iterator[tuple[str, str]]:
    for library in server.function_list(withcode=True):
        parts = dict(zip(library[::2], library[1::2], strict=True))
        yield f"function library {_text(parts[b'library_name'])}", _text(parts[b"library_code"])


def _users(server: redis.Redis) -> Iterator[tuple[str, str]]:
    for line in server.execute_command("ACL LIST"):
        _, name, *rules = _text(line).split(" ")
        passwords = sorted(rule for rule in rules if rule.startswith("#"))
        hashes = [f"password sha256:{hashlib.sha256(password.encode()).hexdigest()}" for password in passwords]
        others = [rule for rule in rules if not rule.startswith("#")]
        yield f"user {name}", " ".join(others if name == "default" else others + hashes)


def _text(raw: Any) -> str:
    return raw.decode("utf-8", "backslashreplace") if isinstance(raw, bytes) else str(raw)
