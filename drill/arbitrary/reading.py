"""Reading a cache as the model has it, by other commands than the fingerprint's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import redis

from drill.arbitrary.model import Database, Entry, Stream
from drill.fingerprints.redis.connection import RedisConnection


def held(client: redis.Redis, *, databases: int) -> dict[int, Database]:
    """Return every key of the first so many database indexes."""
    found = {}
    for index in range(databases):
        with RedisConnection(client, database=index) as server:
            names = server.ask("KEYS", "*")
            found[index] = {name: Entry(_value(server, name), server.ask("PEXPIRETIME", name)) for name in names}
    return {index: keys for index, keys in found.items() if keys}


def _value(server: RedisConnection, key: bytes) -> Any:
    return READINGS[server.ask("TYPE", key)](server, key)


def _pairs(flat: list[bytes]) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _scores(server: RedisConnection, key: bytes) -> dict[bytes, float]:
    flat = server.ask("ZRANGEBYSCORE", key, "-inf", "+inf", "WITHSCORES")
    return {member: float(score) for member, score in _pairs(flat).items()}


def _stream(server: RedisConnection, key: bytes) -> Stream:
    entries = {identifier: tuple(fields) for identifier, fields in server.ask("XRANGE", key, "-", "+")}
    groups = {}
    for told in server.ask("XINFO GROUPS", key):
        facts = dict(zip(told[::2], told[1::2], strict=True))
        pending = server.ask("XPENDING", key, facts[b"name"], "-", "+", 10_000)
        groups[facts[b"name"]] = (facts[b"last-delivered-id"], tuple(each[0] for each in pending))
    return Stream(entries, groups)


READINGS: dict[bytes, Callable[[RedisConnection, bytes], Any]] = {
    b"string": lambda server, key: server.ask("GET", key),
    b"list": lambda server, key: server.ask("LRANGE", key, 0, -1),
    b"set": lambda server, key: set(server.ask("SMEMBERS", key)),
    b"hash": lambda server, key: _pairs(server.ask("HGETALL", key)),
    b"zset": _scores,
    b"stream": _stream,
}
