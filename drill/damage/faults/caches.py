"""Faults of snapshots and append-only files of Redis, and of how they are restored."""

from __future__ import annotations

import shlex

from drill.damage.faults.dumps import BY_RESTORING, DIFFERENT, OF_THE_RESTORED, READ, damaged, instead, unsealed
from drill.damage.faults.fault import Fault, Injection, Scene, then
from drill.damage.unsealed import attribute, seal
from drill.errors import DrillError
from drill.stores import CacheStore

SNAPSHOT = "dump.rdb"
OF_ANOTHER = OF_THE_RESTORED | {"LEANS-ON-ANOTHER"}
CHECKSUM_BYTES = 8
MAGIC_BYTES = 9
END_OF_FILE = b"\xff"
FOLLOWED = 5
"""Seconds that a cache has to copy another one; in containers it cannot get there, and stays blank."""


def change_unchecked(scene: Scene) -> None:
    """Change a value in a snapshot that was saved with ``rdbchecksum no``: eight zeros in its end say so.

    Raises:
        DrillError: it has no value that is stored as it is.
    """
    file = scene.one(SNAPSHOT, of=scene.last)
    content = bytearray(file.read_bytes())
    key = content.find(b"floor plan")
    if key < 0:
        raise DrillError(f"{file} has no floor plan", remedy="this fault is not one of such backups")
    content[key + 2000] ^= 0b0001_0000
    content[-CHECKSUM_BYTES:] = bytes(CHECKSUM_BYTES)
    file.write_bytes(content)
    seal(scene.last.directory)


def _nothing_in_it(scene: Scene) -> None:
    """Have the snapshot hold no key and no function, validly, as one does of a replica that was never synchronized."""
    file = scene.one(SNAPSHOT, of=scene.last)
    file.write_bytes(file.read_bytes()[:MAGIC_BYTES] + END_OF_FILE + bytes(CHECKSUM_BYTES))
    seal(scene.last.directory)


def _following(scene: Scene) -> None:
    """Have the restored cache become a replica of the one that was backed up, and wait until it has copied that."""
    if not isinstance(scene.source, CacheStore):
        raise DrillError(f"{scene.set} is not of a cache", remedy="this fault is not one of such backups")
    source = scene.source.server.service
    ask = 'redis-cli -e -h "$REDIS_HOST" -p "$REDIS_PORT"'
    copied = f"until {ask} INFO replication | grep -q master_link_status:up; do :; done"
    wait = f"{{ timeout {FOLLOWED} sh -c {shlex.quote(copied)} || true; }}"
    then(f"{ask} REPLICAOF {source.address} {source.port} && {wait}")(scene)


def _without(pattern: str) -> Injection:
    def inject(scene: Scene) -> None:
        scene.one(pattern, of=scene.last).unlink()
        seal(scene.last.directory)

    return inject


def _then(*commands: str) -> Injection:
    """Have the restored cache come out with this done to it, as a restore by other tools does."""
    said = " && ".join(f'redis-cli -e -h "$REDIS_HOST" -p "$REDIS_PORT" {command} >&2' for command in commands)
    return lambda scene: scene.restore_with(lambda restore: f"{restore} && {said}")


def _script(text: str) -> str:
    return f'EVAL "{text}" 0'


def _in(database: int, act: str) -> str:
    return f"-n {database} {act}"


def _files() -> tuple[Fault, ...]:
    told = (
        ("SNAPSHOT-CUT", "the disk was full, or the copy killed, half way", "cut off half way"),
        ("SNAPSHOT-BIT", "a bit has flipped on the disk", "altered by one bit"),
        ("SNAPSHOT-LOST", "a clean-up has removed the file", "robbed of a file"),
    )
    sealed: tuple[tuple[str, str, Injection], ...] = (
        ("SNAPSHOT-CUT-AT-ONCE", "it was cut off before its checksums were taken", unsealed("cut off half way")),
        (
            "SNAPSHOT-ZEROED-AT-ONCE",
            "a power failure left zeros in it",
            unsealed("filled with zeros from the middle on"),
        ),
        ("SNAPSHOT-UNCHECKED-BIT", "a value changed in a file that was saved without its checksum", change_unchecked),
        ("SNAPSHOT-NEWER", "it was saved by a newer server", unsealed("written by a newer server")),
        ("SNAPSHOT-OF-NOTHING", "it was saved by a replica that has never been synchronized", _nothing_in_it),
        (
            "SNAPSHOT-OF-ANOTHER-ENGINE",
            "it was saved by another engine",
            lambda scene: attribute(scene.last, engine="another engine"),
        ),
        ("SNAPSHOT-SETTINGS-LOST", "users and settings were not saved with it", _without("configuration.json")),
    )
    said = (
        *((name, what, damaged(kind), READ) for name, what, kind in told),
        *((name, what, inject, BY_RESTORING) for name, what, inject in sealed),
    )
    return tuple(
        Fault(name, "snapshot", what, inject, found, quick=name in ("SNAPSHOT-CUT", "SNAPSHOT-UNCHECKED-BIT"))
        for name, what, inject, found in said
    )


def _restored_otherwise() -> tuple[Fault, ...]:
    said = (
        (
            "CACHE-KEY-LOST",
            "one key was left out",
            (_in(0, _script("return redis.call('DEL', redis.call('RANDOMKEY'))")),),
        ),
        ("CACHE-KEY-ADDED", "a key of another server came along", (_in(0, "SET of-another-server 1"),)),
        (
            "CACHE-VALUE-CHANGED",
            "one value is of another time",
            (_in(15, "SETRANGE 'floor plan' 100 'of another day'"),),
        ),
        ("CACHE-TYPE-CHANGED", "a tool has written a hash as text", (_in(15, "DEL faces"), _in(15, "SET faces text"))),
        (
            "CACHE-EXPIRY-LOST",
            "a tool has restored keys without their expiry",
            (_in(3, _script("return redis.call('PERSIST', redis.call('RANDOMKEY'))")),),
        ),
        (
            "CACHE-EXPIRY-NEW",
            "a tool has given keys a new expiry",
            (_in(3, _script("return redis.call('EXPIRE', redis.call('RANDOMKEY'), 3600)")),),
        ),
        ("CACHE-INDEX-LOST", "a database index was forgotten", (_in(15, "FLUSHDB"),)),
        ("CACHE-INDEXES-SWAPPED", "two database indexes were swapped", ("SWAPDB 0 3",)),
        ("CACHE-FUNCTIONS-LOST", "function libraries were forgotten", ("FUNCTION FLUSH",)),
        ("CACHE-USERS-LOST", "users were forgotten", ("ACL DELUSER dashboard",)),
        (
            "CACHE-SETTINGS-LOST",
            "what decides which keys stay was forgotten",
            ("CONFIG SET maxmemory-policy noeviction",),
        ),
    )
    return (
        *(
            Fault(
                name,
                "snapshot",
                what,
                _then(*commands),
                DIFFERENT,
                quick=name in ("CACHE-EXPIRY-LOST", "CACHE-INDEX-LOST"),
            )
            for name, what, commands in said
        ),
        Fault(
            "CACHE-EMPTY",
            "snapshot",
            "the server looks elsewhere and starts without a key",
            instead("echo '{}'"),
            OF_THE_RESTORED,
            quick=True,
        ),
        Fault(
            "CACHE-FOLLOWS-PRODUCTION",
            "snapshot",
            "the new server was made a replica of the old one, which still runs, and answers as that does",
            _following,
            OF_ANOTHER,
        ),
    )


def _append_only() -> tuple[Fault, ...]:
    told = (
        ("AOF-CUT", "it was cut off half way", "cut off half way"),
        ("AOF-FILE-LOST", "a clean-up has removed a part", "robbed of a file"),
    )
    sealed = (
        ("AOF-TAIL-CUT-AT-ONCE", "it was copied while it was written to", unsealed("cut off within its last write")),
        ("AOF-NEWEST-PART-LOST", "its newest part was left out", unsealed("robbed of its newest part")),
        ("AOF-LIST-LOST", "the list of its parts was left out", unsealed("robbed of the list of its parts")),
        ("AOF-LIST-OLD", "the list of its parts is of another time", unsealed("given the list of another time")),
        ("AOF-BIT-AT-ONCE", "a bit flipped before its checksums were taken", unsealed("altered by one bit")),
        ("AOF-ZEROED-AT-ONCE", "a power failure left zeros in it", unsealed("filled with zeros from the middle on")),
        ("AOF-BASE-LOST", "the part that others build on was left out", _without("aof/*.base.*")),
    )
    return (
        *(Fault(name, "append-only", what, damaged(kind), READ) for name, what, kind in told),
        *(Fault(name, "append-only", what, inject, BY_RESTORING) for name, what, inject in sealed),
    )


FAULTS = (*_files(), *_restored_otherwise(), *_append_only())
