"""The trials: what each of the document's Redis commands is found wanting in.

A trial looks for the effect and yields one sentence for each thing that a command is found wanting in. Should a later
server do better, the sentence stays away and the record is out of date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from drill.datasets import cache
from drill.documented.cache_desk import CacheDesk
from drill.documented.desk import Said
from drill.servers.redis import RedisServer

BACKUP, DUMP = "backup.rdb", "dump.rdb"
DELAY = "rdb-key-save-delay"
"""How many microseconds a server spends on each key that it saves: large data takes its time."""


def bgsave(desk: CacheDesk) -> Iterator[str]:
    """Save, have a later save fail, and restore what was saved on a server that knows nothing of the first one."""
    server = desk.servers()
    held = desk.held(server)
    if desk.run("bgsave", server, admitted=False).status == 0 and not (server.data / DUMP).exists():
        yield "it ends with success where the server refuses it"
    with server.client() as client:
        client.config_set(DELAY, 2000)
        asked = desk.run("bgsave", server)
        if asked.status == 0 and client.info("persistence")["rdb_bgsave_in_progress"]:
            yield "it ends with success before anything is saved"
        client.config_set(DELAY, 0)
        desk.saved(server)
        client.set("since then", "new")
    first = (server.data / DUMP).read_bytes()
    server.refuse_writes()
    later = desk.run("bgsave", server)
    desk.saved(server)
    if later.status == 0 and (server.data / DUMP).read_bytes() == first:
        yield "where saving fails, the file of the last time lies there as if it were new"
    server.accept_writes()
    _put_back(desk, server)
    if any(found.where.startswith("user ") for found in desk.lacking(held, server)):
        yield "the users are missing"
    if any(found.where.startswith("setting ") for found in desk.lacking(held, server)):
        yield "the settings of the moment are missing"


def bgrewriteaof(desk: CacheDesk) -> Iterator[str]:
    """Rewrite on a server that keeps no such file, then crash; and on one that does, then lose its disk."""
    server = desk.servers()
    said = desk.run("bgrewriteaof", server)
    with server.client() as client:
        client.set("since then", "new")
    server.kill()
    server.start()
    if said.status == 0 and _keys(server) == 0:
        yield "on a server that keeps no such file it ends with success and keeps nothing"
    keeping = desk.servers({"appendonly": "yes"})
    if desk.run("bgrewriteaof", keeping).status == 0 and not list(desk.directory.glob("*.aof*")):
        yield "it copies nothing to another place, so that the disk takes the backup with it"


def rdb_copy(desk: CacheDesk) -> Iterator[str]:
    """Verify a backup that is damaged."""
    server = desk.servers()
    damaged = desk.file(BACKUP)
    damaged.write_bytes(b"REDIS0011 and nothing else")
    said = desk.run("rdb-copy", server)
    if said.status == 0:
        yield "a damaged file passes"
    if damaged.read_bytes()[9:26] != b" and nothing else":
        yield "it overwrites the backup that it was to verify"


def put_back(desk: CacheDesk) -> Iterator[str]:
    """Put a backup back where the server keeps an append-only file, and where it was not stopped before."""
    source = desk.servers()
    with source.client() as client:
        client.save()
    desk.fetch(source, name=BACKUP)
    keeping = desk.servers({"appendonly": "yes"}, filled=False)
    desk.successor(keeping)
    desk.run("put-back", keeping)
    _own(keeping)
    keeping.start()
    if _keys(keeping) == 0:
        yield "a server that keeps an append-only file starts healthy and empty"
    saving = desk.servers({"save": "3600 1"}, filled=False)
    with saving.client() as client:
        client.set("a single", "key")
    desk.run("put-back", saving)
    _own(saving)
    saving.stop()
    saving.start()
    if _keys(saving) == 1:
        yield "put there before the server stops, it is overwritten by the stop"


def keys(desk: CacheDesk) -> Iterator[str]:
    """Verify servers on which something is wrong."""
    server = desk.servers()
    before = desk.run("keys", server)
    with server.client() as client:
        client.set("count:7:in", "wrong")
    if _same(before, desk.run("keys", server)):
        yield "altered values pass"
    with server.client(cache.SESSIONS) as sessions:
        sessions.flushdb()
    if _same(before, desk.run("keys", server)):
        yield "database indexes that were lost pass"
    server.lose_data()
    server.provision()
    server.start()
    if desk.run("keys", server).status == 0:
        yield "an empty server passes"


def _put_back(desk: CacheDesk, server: RedisServer) -> None:
    desk.fetch(server, name=BACKUP)
    desk.successor(server)
    desk.run("put-back", server)
    _own(server)
    server.start()


def _same(one: Said, other: Said) -> bool:
    """Tell whether two verifications both ended with success and showed the same, in whatever order."""
    return one.status == other.status == 0 and sorted(one.answer.split()) == sorted(other.answer.split())


def _own(server: RedisServer) -> None:
    server.own(server.data / DUMP)


def _keys(server: RedisServer) -> int:
    with server.client() as client:
        return int(client.dbsize())


CACHE_TRIALS: dict[str, Callable[[CacheDesk], Iterator[str]]] = {
    "bgsave": bgsave,
    "bgrewriteaof": bgrewriteaof,
    "rdb-copy": rdb_copy,
    "put-back": put_back,
    "keys": keys,
}
"""The trial of each command, by its id in policy.toml."""
