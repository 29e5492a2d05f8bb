"""How far a PostgreSQL server is to be recovered, and whether a backup and the log reach there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from backup_scripts import contract, postgres_lsn
from backup_scripts.contract import Refused, WrongArguments
from backup_scripts.postgres_archive import Archive, Line
from backup_scripts.postgres_chain import Link

FORMS = "end, immediate, time:<RFC 3339>, name:<restore point> or lsn:<LSN>"
SETTINGS = tuple(f"recovery_target{kind}" for kind in ("", "_time", "_name", "_lsn", "_xid"))
LONGEST_NAME = 63


class Target(NamedTuple):
    """A moment to recover to: `end`, `immediate`, `time`, `name` or `lsn`, and the value where there is one."""

    kind: str
    value: str = ""

    @classmethod
    def parse(cls, text: str) -> Target:
        """Read a target.

        Raises:
            WrongArguments: ``wrong-target``; ``wrong-time``: no time, or one without its offset.
        """
        kind, _, value = text.partition(":")
        if text in ("end", "immediate"):
            return cls(text)
        if kind == "time":
            contract.moment(value, where="the recovery target")
            return cls(kind, value)
        if kind == "lsn" and postgres_lsn.parse(value) is not None:
            return cls(kind, value)
        # A control character would end the setting's line.
        if kind == "name" and 0 < len(value.encode()) <= LONGEST_NAME and value.isprintable():
            return cls(kind, value)
        raise WrongArguments("wrong-target", f"the recovery target is {text!r}; give {FORMS}")

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}" if self.value else self.kind

    @property
    def moment(self) -> datetime:
        """The time of a `time` target, in UTC."""
        return contract.moment(self.value, where="the recovery target")

    @property
    def position(self) -> int:
        """The position of an `lsn` target."""
        return postgres_lsn.parse(self.value) or 0

    def settings(self) -> dict[str, str]:
        """Return the server's settings for this target; every other kind's is emptied, before it is set.

        The server accepts no other order: it calls even an empty value a second target.
        """
        value = f"{self.moment:%Y-%m-%d %H:%M:%S.%f}+00" if self.kind == "time" else self.value
        chosen = {"immediate": {"recovery_target": "immediate"}, "end": {}}.get(
            self.kind, {f"recovery_target_{self.kind}": value}
        )
        return {name: "" for name in SETTINGS if name not in chosen} | chosen

    def choose(self, newest_first: Iterable[Link], archive: Archive | None) -> Link:
        """Return the newest backup that ends before the target.

        Raises:
            Refused: ``no-such-backup``, ``target-before-backup``, ``no-such-restore-point``; what is wrong with the
                log, where the restore point may lie behind that.
        """
        links = list(newest_first)
        if not links:
            raise Refused("no-such-backup", "the set holds no backup made by postgres_basebackup; name another set")
        if self.kind != "name" or archive is None:
            if fit := next((link for link in links if not self._is_before(link)), None):
                return fit
            raise self._before(links[-1])
        broken, above = None, None
        for link in links:
            line = archive.line(link)
            broken = broken or line.broken
            position = archive.restore_point(self.value, line.before(above) if above else line)
            if position is not None and position >= link.stop:
                return link
            above = line.segments[0].number + 1 if line.segments else above
        raise broken or self._unknown()

    def refuse_unreachable(self, link: Link, archive: Archive) -> Line:
        """Check that a recovery from this backup gets to the target; return the log that it may read.

        Raises:
            Refused: ``target-before-backup``, ``target-after-archive``, ``no-such-restore-point``, or what is wrong
                with the log on the way there.
        """
        if self._is_before(link):
            raise self._before(link)
        if self.kind == "immediate":
            return Line((), None)
        line = archive.line(link)
        if self.kind == "end" and line.broken:
            raise line.broken
        if self.kind == "time" and not archive.has_commit_after(self.moment, line):
            what = f"no transaction is archived that ended after {self.value}"
            raise line.broken or Refused("target-after-archive", f"{what}; recover to the end, or to an earlier time")
        if self.kind == "lsn" and not archive.has_record_at(self.position, line):
            what = f"the archive ends before {self.value}"
            raise line.broken or Refused("target-after-archive", f"{what}; recover to the end, or to an earlier LSN")
        if self.kind == "name":
            self._refuse_unknown_name(link, archive, line)
        return line

    def _refuse_unknown_name(self, link: Link, archive: Archive, line: Line) -> None:
        position = archive.restore_point(self.value, line)
        if position is not None and position >= link.stop:
            return
        if position is not None or archive.restore_point(self.value, archive.older_than(link)) is not None:
            raise self._before(link)
        raise line.broken or self._unknown()

    def _is_before(self, link: Link) -> bool:
        if self.kind == "time":
            return self.moment < contract.moment(str(link.source["stop_time"]), where=f"stop_time of {link.id}")
        return self.kind == "lsn" and self.position < link.stop

    def _before(self, link: Link) -> Refused:
        end = f"{link.id} is consistent only from {link.source['stop_time']}, {link.source['stop_lsn']}, on"
        return Refused("target-before-backup", f"{self}: {end}; name an older backup or a later target")

    def _unknown(self) -> Refused:
        what = f"the archive has no restore point {self.value!r} after the backup"
        return Refused("no-such-restore-point", f"{what}; check the name, or recover to a time")


def quoted(value: str) -> str:
    """Return a value as a configuration file has it."""
    return "'" + re.sub(r"(['\\])", r"\1\1", value) + "'"
