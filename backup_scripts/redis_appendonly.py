"""Back up a Redis or Valkey server: a copy of its append-only file up to this moment.

    python -m backup_scripts.redis_appendonly [--wait SECONDS]

Runs on the server's host. Writes <repository>/<set>/<backup id>/ with the parts of the append-only file and their
list in aof/, configuration.json (see redis_configuration) and manifest.json, and prints the manifest. The copy ends
where the server's file ended at one moment, between two writes; the manifest has the number of keys of that moment.

The server must not rewrite its file meanwhile. A rewrite that runs is waited for, automatic ones are held off
(auto-aof-rewrite-percentage 0), and the setting goes back however the script ends. Where even that was impossible,
as when the whole host went down, <set>/.rewrites-held remembers the setting and the next run puts it back.

Environment:
  BACKUP_REPOSITORY, BACKUP_SET   where the backup goes: a directory that exists, and the set's name
  REDIS_HOST REDIS_PORT REDIS_USER REDISCLI_AUTH   the connection and the password
  REDIS_DIR                       the server's data directory, as this script sees it
  RETENTION_DAYS                  how long the backup is promised to be kept (30)
  BACKUP_RECIPIENT                a public key of age (age1…): the backup is stored encrypted
  BACKUP_TIER                     its place in the schedule (daily)
  BACKUP_NOW                      an RFC 3339 time that replaces the clock

Exit status: 0 backed up and verified; 1 failed, and nothing is left that looks like a backup;
2 wrong arguments.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Sequence
from io import FileIO
from pathlib import Path

from backup_scripts import append_only, contract, files, programs, rdb, redis, redis_configuration
from backup_scripts.append_only import BASE, ListInvalid, Part
from backup_scripts.contract import Arguments, Clock, Failed, Result, positive, required
from backup_scripts.redis import Server
from backup_scripts.repository import BackupSet, writing_to

REWRITES = "auto-aof-rewrite-percentage"
HELD = ".rewrites-held"
SECONDS_TO_WRITE = 30
INCOMPLETE = "check that REDIS_DIR is the server's directory, and repair its file with BGREWRITEAOF"


def back_up(arguments: Sequence[str]) -> Result:
    """Hold rewrites off, copy, check, publish; return the manifest."""
    parser = Arguments(__doc__)
    parser.add_argument("--wait", default="600", help="seconds for a rewrite that runs to end (600)")
    seconds = positive(parser.parse_args(arguments).wait, where="--wait")
    clock, destination, directory = Clock(), BackupSet.from_environment(), Path(required("REDIS_DIR"))
    server = redis.source()
    _refuse_without_file(server)
    version = programs.tool_version("redis-cli")
    with destination.new_backup(kind="aof", clock=clock) as backup:
        with _rewrites_held_off(destination.directory / HELD):
            redis.wait(lambda server: not server.rewriting, "the rewrite that runs did not end", seconds)
            end = _copy(directory, backup.directory / "aof")
        redis_configuration.record(backup.directory)
        return backup.publish(
            source={
                "engine": end.engine,
                "system_identifier": end.info["master_replid"],
                "server_version": end.version,
                "databases": {index: keys._asdict() for index, keys in end.databases.items()},
                "changes": 0,
            },
            tool={"name": "redis_appendonly", "version": version},
            source_bytes=int(end.info["used_memory_dataset"]),
        )


def _refuse_without_file(server: Server) -> None:
    if not server.appends:
        raise Failed(
            "appendonly-off",
            "the server keeps no append-only file; set appendonly yes in its configuration and with CONFIG SET,"
            " or back it up with redis_snapshot",
        )
    if server.info["aof_last_write_status"] != "ok":
        raise Failed(
            "append-failing", "the server cannot write its append-only file; free disk space and read the server's log"
        )


@contextlib.contextmanager
def _rewrites_held_off(record: Path) -> Iterator[None]:
    """Keep the server from rewriting its file by itself; its setting goes back however this script ends."""
    usual = _usual_setting(record)
    if usual == "0":
        yield
        return
    with writing_to(record):
        record.write_text(json.dumps({"server": _name(), "setting": usual}), "ascii")
        files.flush(record)
        files.flush(record.parent)
    put_back = ["sh", "-c", '"$@" >/dev/null && rm "$0"', str(record)]
    with programs.run_at_the_end([*put_back, *redis.command("-e", "CONFIG", "SET", REWRITES, usual)]):
        redis.call("CONFIG", "SET", REWRITES, "0")
        yield
    if record.exists():
        raise Failed("rewrites-still-off", f"{REWRITES} is still 0; run this again, or set it to {usual}")


def _usual_setting(record: Path) -> str:
    """Return the server's setting; where an earlier run could not put it back, the one that it remembered."""
    found = redis.settings(REWRITES)[REWRITES]
    if found == "0" and record.exists():
        left = json.loads(record.read_text("ascii"))
        if left["server"] == _name():
            contract.say(f"an earlier run left {REWRITES} at 0; it becomes {left['setting']} again")
            return str(left["setting"])
    return found


def _name() -> str:
    return f"{required('REDIS_HOST')}:{os.environ.get('REDIS_PORT', '6379')}"


def _copy(directory: Path, target: Path) -> Server:
    """Copy the parts up to where the file ends at this moment; return what the server said then."""
    names = redis.settings("appenddirname", "appendfilename")
    source = directory / names["appenddirname"]
    listed = source / (names["appendfilename"] + append_only.LIST_SUFFIX)
    parts = _parts(listed)
    end = redis.source()
    _refuse_without_file(end)
    redis.wait(
        lambda server: server.appended >= end.accepted or server.rewrites > end.rewrites,
        "the server does not write its file",
        SECONDS_TO_WRITE,
    )
    _refuse_another(parts, listed)
    with contextlib.ExitStack() as stack:
        originals = [stack.enter_context(_opened(source / part.name)) for part in parts]
        sizes = [os.fstat(original.fileno()).st_size for original in originals[:-1]]
        counted = sum(size for part, size in zip(parts, sizes, strict=False) if part.type != BASE or end.counts_base)
        sizes.append(end.accepted - counted)
        _refuse_torn(originals[-1], sizes[-1])
        with writing_to(target):
            target.mkdir()
            for part, original, size in zip(parts, originals, sizes, strict=True):
                files.copy(original, target / part.name, size=size)
            append_only.write_list(parts, target / listed.name)
    for base in target.glob("*.rdb"):
        if not rdb.is_whole(base):
            raise Failed("rdb-incomplete", f"{base.name} is no whole RDB file; repair the server's with BGREWRITEAOF")
    _refuse_another(parts, listed)
    return end


def _refuse_another(parts: Sequence[Part], listed: Path) -> None:
    if _parts(listed) != parts:
        raise Failed("rewritten-meanwhile", f"{listed} changed during the copy: BGREWRITEAOF was run; run it again")


def _opened(file: Path) -> FileIO:
    try:
        return file.open("rb", buffering=0)
    except OSError as error:
        raise Failed("aof-incomplete", f"{file}: {error.strerror}; {INCOMPLETE}") from None


def _parts(listed: Path) -> tuple[Part, ...]:
    try:
        return append_only.read_list(listed)
    except ListInvalid as error:
        raise Failed("aof-incomplete", f"{listed}: {error}; {INCOMPLETE}") from None


def _refuse_torn(last: FileIO, size: int) -> None:
    """Check that the last part has the end of a write where the server says that its file ends."""
    there = os.fstat(last.fileno()).st_size
    around = os.pread(last.fileno(), 2, size - 1) if size > 0 else b"\n" + os.pread(last.fileno(), 1, 0)
    if not 0 <= size <= there or not around.startswith(b"\n") or around[1:] not in {b"", b"*", b"#"}:
        what = f"{there} bytes, and no write that ends at byte {size} as the server says"
        raise Failed("aof-incomplete", f"{last.name!s} has {what}; {INCOMPLETE}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script; return its exit status."""
    return contract.run(back_up, arguments)


if __name__ == "__main__":
    contract.leave(main())
