"""Reading a cache as the model has it, by other commands than the fingerprint's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import redis

from drill.arbitrary.model import Database, Entry, Stream
from drill.datasets.cache import fields_expire
from drill.fingerprints.redis.connection import RedisConnection
from drill.fingerprints.redis.hyperloglog import canonical


def held(client: redis.Redis, *, databases: int) -> dict[int, Database]:
    """Return every key of the first so many database indexes."""
    found, with_fields = {}, fields_expire(client)
    for index in range(databases):
        with RedisConnection(client, database=index) as server:
            found[index] = {name: _entry(server, name, with_fields) for name in server.ask("KEYS", "*")}
    return {index: keys for index, keys in found.items() if keys}


def _entry(server: RedisConnection, key: bytes, with_fields: bool) -> Entry:  # noqa: FBT001 - private
    kind = server.ask("TYPE", key)
    value = READINGS[kind](server, key)
    ends: dict[bytes, int] = {}
    if kind == b"hash" and with_fields:
        told = server.ask("HPEXPIRETIME", key, "FIELDS", len(value), *value)
        ends = {name: moment for name, moment in zip(value, told, strict=True) if moment >= 0}
    return Entry(value, server.ask("PEXPIRETIME", key), ends)


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
        groups[facts[b"name"]] = (facts[b"last-delivered-id"], {each[0]: (each[1], each[3]) for each in pending})
    told = server.ask("XINFO STREAM", key)
    return Stream(entries, groups, dict(zip(told[::2], told[1::2], strict=True))[b"last-generated-id"])


READINGS: dict[bytes, Callable[[RedisConnection, bytes], Any]] = {
    # HyperLogLogs are strings that a server may write in two ways.
    b"string": lambda server, key: canonical(server.ask("GET", key)),
    b"list": lambda server, key: server.ask("LRANGE", key, 0, -1),
    b"set": lambda server, key: set(server.ask("SMEMBERS", key)),
    b"hash": lambda server, key: _pairs(server.ask("HGETALL", key)),
    b"zset": _scores,
    b"stream": _stream,
}
