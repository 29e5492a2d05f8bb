"""What a Redis server holds: every key of every database index, functions, users, and what decides which keys stay."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby

import redis

from drill.fingerprints.content import Census, Content
from drill.fingerprints.fingerprint import Fingerprint, FingerprintError
from drill.fingerprints.redis.connection import RedisConnection
from drill.fingerprints.redis.keys import Reader

ENGINE = "redis"
OLDEST = 7
ATTEMPTS = 3
SETTINGS = (
    "maxmemory",
    "maxmemory-policy",
    "notify-keyspace-events",
    "active-expire-effort",
    "busy-reply-threshold",
    "maxclients",
    "maxmemory-samples",
    "repl-backlog-ttl",
    "slowlog-max-len",
    "stop-writes-on-bgsave-error",
    "tcp-keepalive",
    "timeout",
)
"""What decides which keys stay, who is told when one goes, and how clients are served.

Of all that can be set these are in every server since Redis 7 with one usual value, so that a restore into another
version is not accused of what that version does by itself.
"""
USUAL = "sanitize-payload"
"""What a user's rules say on some servers and mean on all."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def fingerprint(client: redis.Redis) -> Fingerprint:
    """Return what the server of a client holds, in all its database indexes.

    It only reads, in small steps, over connections of its own. Redis has no snapshot to read from: what is written
    meanwhile may or may not be in it. Of passwords only hashes of hashes are kept, and none of the default user, whose
    password belongs to the server and not to the data.

    Raises:
        FingerprintError: the server is older than Redis 7, or its keys change while they are read.
        redis.RedisError: the server went away, or forbids something.
    """
    with RedisConnection(client, database=0) as server:
        _demand_age(server)
        facts = dict([*_functions(server), *_users(server), *_settings(server)])
        databases = sorted(map(int, re.findall(rb"^db(\d+):", server.ask("INFO", "keyspace"), re.MULTILINE)))
        counted = {f"keys of database {database}": _content(client, database=database) for database in databases}
        seconds, microseconds = map(int, server.ask("TIME"))
    taken_at = _EPOCH + timedelta(seconds=seconds, microseconds=microseconds)
    # A database index of which the last key has expired is as empty as one that was never used.
    contents = {where: content for where, content in counted.items() if content.rows}
    return Fingerprint(engine=ENGINE, facts=facts, contents=contents, taken_at=taken_at)


def _demand_age(server: RedisConnection) -> None:
    found = re.search(rb"^redis_version:(\d+)", server.ask("INFO", "server"), re.MULTILINE)
    version = int(found[1]) if found else 0
    if version < OLDEST:
        raise FingerprintError(
            f"Redis {version} does not tell when a key expires", remedy=f"use Redis {OLDEST} or newer"
        )


def _content(client: redis.Redis, *, database: int) -> Content:
    """Count the keys of one database index.

    SCAN may return a key twice while the server shrinks its table. Then more keys are counted than there are, which
    shows without remembering them all.
    """
    for _ in range(ATTEMPTS):
        with (
            RedisConnection(client, database=database) as walking,
            RedisConnection(client, database=database) as reading,
        ):
            census, reader, at_most = Census(), Reader(walking, reading), reading.ask("DBSIZE")
            reader.count(census)
            # Twice, because a server that is written to has more keys at the end.
            if reader.keys <= max(at_most, reading.ask("DBSIZE")):
                return census.content
    raise FingerprintError(
        f"database {database}: more keys were read than there are, {ATTEMPTS} times over",
        remedy="stop whatever writes to the server and try again",
    )


def _functions(server: RedisConnection) -> Iterator[tuple[str, str]]:
    for library in server.ask("FUNCTION LIST", "WITHCODE"):
        told = dict(zip(library[::2], library[1::2], strict=True))
        yield f"function library {told[b'library_name'].decode()}", told[b"library_code"].decode()


def _settings(server: RedisConnection) -> Iterator[tuple[str, str]]:
    flat = server.ask("CONFIG GET", *SETTINGS)
    for name, value in zip(flat[::2], flat[1::2], strict=True):
        yield f"setting {name.decode()}", value.decode()


def _users(server: RedisConnection) -> Iterator[tuple[str, str]]:
    for line in server.ask("ACL LIST"):
        _, name, *rules = line.decode().split(" ")
        passwords = sorted(rule for rule in rules if rule.startswith("#"))
        hashes = [f"password sha256:{hashlib.sha256(password.encode()).hexdigest()}" for password in passwords]
        others = _ordered(rule for rule in rules if not rule.startswith("#") and rule != USUAL)
        yield f"user {name}", " ".join(others if name == "default" else others + hashes)


def _ordered(rules: Iterable[str]) -> list[str]:
    """Sort what commutes: rules in a row that all allow commands, or all forbid some; servers list them anyhow."""
    runs = groupby(rules, key=lambda rule: rule[0] if rule[0] in "+-" else rule)
    return [rule for _, run in runs for rule in sorted(run)]
