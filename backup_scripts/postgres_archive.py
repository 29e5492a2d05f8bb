"""The write-ahead log that postgres_wal keeps of a server: what there is from one backup on, and what it says.

`wal/` holds archived segments and `archive.sha256`, their checksums; `stream/` what was received as it was written, and
`received.sha256`, the checksums of what was received whole.
A recovery follows the newest timeline, as `recovery_target_timeline = latest` does.
"""

from __future__ import annotations

import gzip
import io
import itertools
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from backup_scripts import encryption, files, postgres_lsn, programs, scratch, wal_index
from backup_scripts.contract import Refused
from backup_scripts.postgres_chain import Link
from backup_scripts.postgres_lsn import Numbering
from backup_scripts.repository import BackupSet, writing_to
from backup_scripts.wal_index import FIND_IT

HISTORY = re.compile(r"^\s*(\d+)\s+([0-9A-F]+/[0-9A-F]+)", re.MULTILINE)
ENDED_AT = re.compile(r"desc: (?:COMMIT|ABORT)\w* .*?(\d{4,}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+) UTC")
RESTORE_POINT = re.compile(r"lsn: ([0-9A-F]+/[0-9A-F]+), prev .* desc: RESTORE_POINT (.*)$", re.MULTILINE)
WRITTEN = {"wal": "archived", "stream": "received"}
AT_ONCE = 16  # segments unpacked together to be read: 256 MB of 16 MB each


class Segment(NamedTuple):
    """One segment that is there, and its recorded checksum if it has one."""

    timeline: int
    number: int
    file: Path
    sha256: str | None


class Line(NamedTuple):
    """The segments that follow each other from a backup on, and what is wrong after the last of them, if anything."""

    segments: tuple[Segment, ...]
    broken: Refused | None

    @property
    def stored_bytes(self) -> int:
        """How much there is to be read."""
        return sum(segment.file.stat().st_size for segment in self.segments)

    def before(self, number: int) -> Line:
        """Return the part of it below a segment's number."""
        return Line(tuple(each for each in self.segments if each.number < number), self.broken)


class Archive:
    """The log of one set."""

    def __init__(self, home: BackupSet, numbering: Numbering) -> None:
        self.directory = home.directory
        self._numbering = numbering
        self._stored: dict[str, Path] = {}
        for place in ("stream", "wal"):  # what is in both comes from wal, as the server takes it from there
            for file in sorted(_entries(home.directory / place)):
                self._stored[_plain_name(file.name)] = file
        self._recorded = _recorded(home.directory)

    def line(self, link: Link) -> Line:
        """Follow the log from where a backup begins to the newest segment, checking every checksum.

        What the backup itself brings may be missing, not damaged: the server looks here first.

        Raises:
            Refused: ``timeline-unreachable``: the newest timeline is not known to go through this backup.
        """
        ancestry = self._ancestry(int(link.source["timeline"]), link.stop)
        known = self._numbers(ancestry)
        first, own = self._numbering.number(link.start), self._numbering.number(link.stop - 1)
        found: list[Segment] = []
        broken = None
        for number in range(first, max(known, default=-1) + 1):
            segment = self._segment(number, ancestry)
            if segment:
                found.append(segment)
            elif number > own:
                broken = self._hole(number, ancestry)
                break
        return self._checked(found, broken)

    def older_than(self, link: Link) -> Line:
        """Return the segments that are there from before a backup, wherever there are holes."""
        ancestry = [(timeline, 0) for timeline in range(int(link.source["timeline"]), 0, -1)]
        numbers = sorted(n for n in self._numbers(ancestry) if n <= self._numbering.number(link.stop))
        found = [segment for number in numbers if (segment := self._segment(number, ancestry))]
        return self._checked(found, None)

    def has_commit_after(self, moment: datetime, line: Line) -> bool:
        """Tell whether a transaction ended after a moment: a recovery to that moment then knows where to stop."""
        for index in range(len(line.segments) - 1, -1, -1):
            # With the one after it, for a record that begins here and ends there.
            said = self._dump(line.segments[index : index + 2], "--rmgr=Transaction")
            if ended := [datetime.fromisoformat(at).replace(tzinfo=UTC) for at in ENDED_AT.findall(said)]:
                return max(ended) > moment
        return False

    def has_record_at(self, position: int, line: Line) -> bool:
        """Tell whether a record begins at a position or after it."""
        number = self._numbering.number(position)
        segments = [each for each in line.segments if each.number >= number][:2]
        if not segments or segments[0].number != number:
            return bool(segments)
        start = f"--start={postgres_lsn.written(position)}"
        return "lsn: " in self._dump(segments, start, "--limit=1") or bool(
            segments[1:] and "lsn: " in self._dump(segments[1:], "--limit=1")
        )

    def restore_point(self, name: str, line: Line) -> int | None:
        """Return where a named restore point is; None where it is not."""
        for window in _windows(line.segments):
            for position, found in RESTORE_POINT.findall(self._dump(window, "--rmgr=XLOG")):
                if found == name:
                    return postgres_lsn.parse(position)
        return None

    def _ancestry(self, timeline: int, stop: int) -> list[tuple[int, int]]:
        """Return (timeline, number of its first segment) from the newest timeline down to the backup's."""
        newest = timeline
        while self._history_name(newest + 1) in self._stored:
            newest += 1
        if later := sorted(each for name in self._stored if (each := self._timeline(name)) > newest):
            what = f"it holds timeline {later[0]}, and not {self._history_name(later[0])} which tells where that began"
            raise Refused(
                "timeline-unreachable", f"{self.directory}: {what}; archive it too, or move the segments away"
            )
        if newest == timeline:
            return [(timeline, 0)]
        text = _content(self._stored[self._history_name(newest)]).decode("ascii", "replace")
        ends = [(int(ancestor), postgres_lsn.parse(end) or 0) for ancestor, end in HISTORY.findall(text)]
        if not any(ancestor == timeline and end >= stop for ancestor, end in ends):
            what = f"the newest timeline is {newest} and does not go through this backup of timeline {timeline}"
            raise Refused("timeline-unreachable", f"{self.directory}: {what}; restore a newer backup")
        begun = [(newest, self._numbering.number(ends[-1][1]))]
        for (ancestor, _), (_, begin) in zip(reversed(ends), [*reversed(ends[:-1]), (0, 0)], strict=True):
            begun.append((ancestor, self._numbering.number(begin)))
        return [each for each in begun if each[0] >= timeline]

    def _timeline(self, name: str) -> int:
        parsed = self._numbering.parse(name)
        return parsed[0] if parsed else 0

    def _history_name(self, timeline: int) -> str:
        return f"{timeline:08X}.history"

    def _numbers(self, ancestry: Sequence[tuple[int, int]]) -> set[int]:
        """Return the numbers of the segments that are there or should be, on timelines while they are current."""
        ends = {timeline: begin for (_, begin), (timeline, _) in itertools.pairwise(ancestry)}
        begins = dict(ancestry)
        numbers = set()
        for name in self._stored.keys() | self._recorded.keys():
            parsed = self._numbering.parse(name)
            if parsed and parsed[0] in begins and begins[parsed[0]] <= parsed[1] <= ends.get(parsed[0], parsed[1]):
                numbers.add(parsed[1])
        return numbers

    def _segment(self, number: int, ancestry: Sequence[tuple[int, int]]) -> Segment | None:
        for timeline, begin in ancestry:
            name = self._numbering.name(timeline, number)
            if begin <= number and name in self._stored:
                file = self._stored[name]
                return Segment(timeline, number, file, self._recorded.get(name, {}).get(file))
        return None

    def _hole(self, number: int, ancestry: Sequence[tuple[int, int]]) -> Refused:
        names = [self._numbering.name(timeline, number) for timeline, begin in ancestry if begin <= number]
        if lost := [file for name in names for file in self._recorded.get(name, ())]:
            return Refused("wal-missing", f"{lost[0]} was {WRITTEN[lost[0].parent.name]} and is gone; {FIND_IT}")
        return Refused("wal-gap", f"{self.directory / 'wal'}: {names[0]} is not there, later ones are; {FIND_IT}")

    def _checked(self, segments: list[Segment], broken: Refused | None) -> Line:
        """Cut the line before the first segment that is not what it was when it was stored."""
        recorded = [each for each in segments if each.sha256]
        found = dict(zip(recorded, files.checksums([each.file for each in recorded]), strict=True))
        for index, segment in enumerate(segments):
            if segment in found and found[segment] != segment.sha256:
                what = f"its SHA-256 is {found[segment]}, not {segment.sha256}"
                altered = Refused("checksum-mismatch", f"{segment.file}: {what}; {FIND_IT}")
                return Line(tuple(segments[:index]), altered)
            if segment.file.parent.name == "stream" and segment.file.stat().st_size != self._numbering.segment_size:
                short = Refused("wal-truncated", f"{segment.file} is no whole segment; {FIND_IT}")
                return Line(tuple(segments[:index]), short)
        return Line(tuple(segments), broken)

    def _dump(self, segments: Sequence[Segment], *options: str) -> str:
        """Return what pg_waldump reads in segments that follow each other, up to where the log ends."""
        segments = [each for each in segments if each.timeline == segments[0].timeline]
        names = [self._numbering.name(each.timeline, each.number) for each in segments]
        with scratch.directory() as place, writing_to(place, slug="scratch-unwritable"):
            for segment, name in zip(segments, names, strict=True):
                if segment.file.parent.name == "stream":
                    (place / name).symlink_to(segment.file)
                else:
                    (place / name).write_bytes(_content(segment.file))
            # It ends in an error where the log ends, and says so on stderr: that is how every log ends.
            timeline = [f"--timeline={segments[0].timeline}"]
            bounds = timeline if any(each.startswith("--start") for each in options) else [names[0], names[-1]]
            command = ["pg_waldump", f"--path={place}", *options, *bounds]
            return programs.run(command, settings={"TZ": "UTC"}, aloud=False).answer


def _entries(place: Path) -> Iterable[Path]:
    try:
        return [file for file in place.iterdir() if not file.name.startswith(".")]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise Refused("file-unreadable", f"{place}: {error.strerror}; let this user read it") from None


def _plain_name(name: str) -> str:
    return name.removesuffix(".age").removesuffix(".gz").removesuffix(".partial")


def _recorded(home: Path) -> dict[str, dict[Path, str]]:
    """Return name → stored file → checksum."""
    found: dict[str, dict[Path, str]] = {}
    for place in wal_index.NAMES:
        for stored, sha256 in wal_index.recorded(home, place).items():
            found.setdefault(_plain_name(stored), {})[home / place / stored] = sha256
    return found


def _content(file: Path) -> bytes:
    """Return what a stored file held when it was archived.

    Raises:
        Refused: ``wal-damaged``; ``wrong-key``, ``key-missing``, ``key-exposed``.
    """
    try:
        if file.suffix == encryption.SUFFIX:
            plain = io.BytesIO()
            with file.open("rb") as stored:
                encryption.identity().decrypt(stored, plain)
            content = plain.getvalue()
        else:
            content = file.read_bytes()
        return gzip.decompress(content) if _compressed(file) else content
    except (OSError, EOFError, zlib.error) as error:
        raise Refused("wal-damaged", f"{file}: {error}; {FIND_IT}") from None


def _compressed(file: Path) -> bool:
    return file.name.removesuffix(encryption.SUFFIX).endswith(".gz")


def _windows(segments: Sequence[Segment]) -> Iterator[Sequence[Segment]]:
    """Give the segments in groups without holes, the last of a group again as the first of the next."""
    for _, group in itertools.groupby(
        enumerate(segments), key=lambda each: (each[1].timeline, each[1].number - each[0])
    ):
        same = [segment for _, segment in group]
        for start in range(0, max(1, len(same) - 1), AT_ONCE - 1):
            yield same[start : start + AT_ONCE]
