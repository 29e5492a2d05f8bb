"""What a server's data set does not hold: its users and the settings that may have been changed while it ran.

A backup keeps them beside the data in configuration.json: the settings named below, and each user's rules as the
server lists them, with the hashes of the passwords and never the passwords. The file is readable by its owner only.
A setting or a user that is put back lasts as long as the target runs, unless its own configuration says the same; where
the target has an ACL file, the users are saved there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from backup_scripts import contract, programs, redis
from backup_scripts.contract import Failed
from backup_scripts.repository import writing_to

NAME = "configuration.json"
# What decides which data is kept and how the server answers; nothing that belongs to a machine, nothing secret.
SETTINGS = (
    "maxmemory-policy",
    "maxmemory-samples",
    "maxmemory-clients",
    "maxmemory",
    "notify-keyspace-events",
    "save",
    "appendfsync",
    "no-appendfsync-on-rewrite",
    "auto-aof-rewrite-percentage",
    "auto-aof-rewrite-min-size",
    "aof-use-rdb-preamble",
    "aof-timestamp-enabled",
    "rdbcompression",
    "stop-writes-on-bgsave-error",
    "min-replicas-to-write",
    "min-replicas-max-lag",
    "active-expire-effort",
    "lazyfree-lazy-eviction",
    "lazyfree-lazy-expire",
    "lazyfree-lazy-server-del",
    "lazyfree-lazy-user-del",
    "lazyfree-lazy-user-flush",
    "lfu-log-factor",
    "lfu-decay-time",
    "hash-max-listpack-entries",
    "hash-max-listpack-value",
    "list-max-listpack-size",
    "list-compress-depth",
    "set-max-intset-entries",
    "set-max-listpack-entries",
    "set-max-listpack-value",
    "zset-max-listpack-entries",
    "zset-max-listpack-value",
    "hll-sparse-max-bytes",
    "stream-node-max-bytes",
    "stream-node-max-entries",
    "timeout",
    "proto-max-bulk-len",
    "client-query-buffer-limit",
    "client-output-buffer-limit",
    "busy-reply-threshold",
    "acl-pubsub-default",
    "latency-monitor-threshold",
    "slowlog-log-slower-than",
    "slowlog-max-len",
)
# Recorded for the operator and not put back: changed at run time it would make the next start read other files.
PERSISTENCE = "appendonly"
HASH = re.compile("#[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings and users of the server that was backed up."""

    settings: Mapping[str, str]
    users: Sequence[str]

    @classmethod
    def read(cls, directory: Path) -> Configuration:
        """Return what a backup holds; nothing where it was made without."""
        file = directory / NAME
        return cls(**json.loads(file.read_text("utf-8"))) if file.exists() else cls({}, ())


def record(directory: Path) -> None:
    """Write the server's users and settings into a backup."""
    settings = redis.settings(*SETTINGS, PERSISTENCE)
    users = [line for line in redis.call("ACL", "LIST").splitlines() if line]
    with writing_to(directory):
        (directory / NAME).write_text(json.dumps({"settings": settings, "users": users}, indent=1) + "\n", "utf-8")


def put_back(recorded: Configuration, *, with_own_user: bool) -> dict[str, list[str]]:
    """Make the connected server's settings and users those of the backup; return the names of what was changed.

    Raises:
        Failed: ``settings-not-restored`` or ``users-not-restored``: the server does not accept them.
    """
    return {"settings": _set_back(recorded.settings), "users": _create(recorded.users, with_own_user=with_own_user)}


def _set_back(recorded: Mapping[str, str]) -> list[str]:
    present = redis.settings(*SETTINGS, PERSISTENCE)
    changed = [name for name in SETTINGS if name in recorded and recorded[name] != present.get(name)]
    for name in changed:
        try:
            redis.call("CONFIG", "SET", name, recorded[name])
        except Failed as error:
            what = f"the data is restored, but {name} {recorded[name]!r} is not accepted ({error})"
            raise Failed("settings-not-restored", f"{what}; set it by hand") from None
    if changed:
        contract.say(f"set until the next restart: {', '.join(changed)}; write them into the configuration file")
    if recorded.get(PERSISTENCE, present[PERSISTENCE]) != present[PERSISTENCE]:
        contract.say(f"appendonly was {recorded[PERSISTENCE]} and is {present[PERSISTENCE]} here; it was left alone")
    return changed


def _create(recorded: Sequence[str], *, with_own_user: bool) -> list[str]:
    rules = {line.split(" ", 2)[1]: line for line in recorded}
    present = {line.split(" ", 2)[1]: line for line in redis.call("ACL", "LIST").splitlines() if line}
    wanted = [name for name in rules if rules[name] != present.get(name)]
    own = redis.call("ACL", "WHOAMI").strip() if wanted else ""
    if own in wanted:
        wanted.remove(own)
        if with_own_user:
            wanted.append(own)  # last, because what comes after would be a stranger's
        else:
            contract.say(f"user {own} is the one of this connection and was left alone; see --with-own-user")
    if not wanted:
        return []
    # By standard input, because a hash in a command line is everybody's.
    lines = [_command(rules[name], anew=name not in present) for name in wanted]
    if redis.settings("aclfile").get("aclfile"):
        lines.append("ACL SAVE")
    finished = programs.run(redis.command("-e"), feed="\n".join(lines) + "\n", aloud=False)
    answers = finished.answer.split()
    if finished.status != 0 or answers != ["OK"] * len(lines):
        said = HASH.sub("#…", " ".join((finished.answer + finished.said).split()))
        what = f"the data is restored, but not every user of {', '.join(wanted)} ({said})"
        raise Failed("users-not-restored", f"{what}; create them by hand from {NAME}")
    return wanted


def _command(line: str, *, anew: bool) -> str:
    """Build the command that creates the user of one line of ACL LIST; a selector in parentheses is one word."""
    _, name, rules = line.split(" ", 2)
    # On a new user Redis 7.0 would leave a mark of the reset in its rules.
    words = [name, *([] if anew else ["reset"]), *re.findall(r"\([^)]*\)|\S+", rules)]
    return "ACL SETUSER " + " ".join(f'"{_escaped(word)}"' for word in words)


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace('"', '\\"')
