"""What a server's data set does not hold: its users and the settings that may have been changed while it ran.

A backup keeps them beside the data in configuration.json: every setting but those of the machine and the secret ones
(docs/decisions/0052), and each user's rules as the server lists them, with the hashes of the passwords and never the
passwords. The file is readable by its owner only.
A setting or a user that is put back lasts as long as the target runs, unless its own configuration says the same; where
the target has an ACL file, the users are saved there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from backup_scripts import contract, programs, redis, threads
from backup_scripts.contract import Failed
from backup_scripts.repository import writing_to

NAME = "configuration.json"
# What belongs to one machine, its addresses and its place among others, and not to the data and how it is served.
OF_THE_MACHINE = (
    *("port", "bind", "protected-mode", "unixsocket", "tls-", "rdma-", "cluster-", "replicaof", "slaveof"),
    *("replica-announce-", "slave-announce-", "availability-zone", "dir", "dbfilename", "appenddirname"),
    *("appendfilename", "aclfile", "databases", "pidfile", "logfile", "syslog-", "daemonize", "supervised"),
    *("io-threads", "oom-score-adj", "disable-thp", "set-proc-title", "proc-title-", "locale-collate"),
)
"""What the names of these begin with."""
ENDINGS = ("cpulist", "pass", "auth", "masteruser", "primaryuser")
"""What the names of others end with: of the machine too, or secret."""
IMMUTABLE = "immutable"
# Recorded for the operator and not put back: changed at run time it would make the next start read other files.
PERSISTENCE = "appendonly"
HASH = re.compile("#[0-9a-f]{64}")


class Configuration(NamedTuple):
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
    settings, users = _settings(), _users()
    with writing_to(directory):
        (directory / NAME).write_text(json.dumps({"settings": settings, "users": users}, indent=1) + "\n", "utf-8")


def put_back(recorded: Configuration, *, with_own_user: bool) -> dict[str, list[str]]:
    """Make the connected server's settings and users those of the backup; return the names of what was changed.

    Raises:
        Failed: ``settings-not-restored`` or ``users-not-restored``: the server does not accept them.
    """
    with threads.beside(_users) as present:
        changed = _set_back(recorded.settings)
        return {"settings": changed, "users": _create(recorded.users, present(), with_own_user=with_own_user)}


def _users() -> list[str]:
    return [line for line in redis.ask("ACL", "LIST").splitlines() if line]


def _settings() -> dict[str, str]:
    found = redis.settings("*")
    return {name: found[name] for name in found if not (name.startswith(OF_THE_MACHINE) or name.endswith(ENDINGS))}


def _set_back(recorded: Mapping[str, str]) -> list[str]:
    present = _settings()
    other = [name for name in recorded if name in present and recorded[name] != present[name] and name != PERSISTENCE]
    changed: list[str] = []
    fixed: list[str] = []
    # The limit last: under another policy than the backup's it would cost other keys.
    for name in sorted(other, key=lambda name: (name == "maxmemory", name)):
        try:
            redis.call("CONFIG", "SET", name, recorded[name])
        except Failed as error:
            if IMMUTABLE in str(error):
                fixed.append(f"{name} {recorded[name]}")
                continue
            what = f"the data is restored, but {name} {recorded[name]!r} is not accepted ({error})"
            raise Failed("settings-not-restored", f"{what}; set it by hand") from None
        changed.append(name)
    if changed:
        contract.say(f"set until the next restart: {', '.join(changed)}; write them into the configuration file")
    if fixed:
        contract.say(f"to be written into the configuration file, which alone can set them: {', '.join(fixed)}")
    if unknown := sorted(recorded.keys() - present.keys()):
        contract.say(f"settings that this server does not have: {', '.join(unknown)}")
    if recorded.get(PERSISTENCE, present[PERSISTENCE]) != present[PERSISTENCE]:
        contract.say(f"appendonly was {recorded[PERSISTENCE]} and is {present[PERSISTENCE]} here; it was left alone")
    return changed


def _create(recorded: Sequence[str], found: Sequence[str], *, with_own_user: bool) -> list[str]:
    rules, present = ({line.split(" ", 2)[1]: line for line in lines} for lines in (recorded, found))
    wanted = [name for name in rules if rules[name] != present.get(name)]
    own = redis.ask("ACL", "WHOAMI").strip() if wanted else ""
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
