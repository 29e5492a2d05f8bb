"""Takes in runs from elsewhere, such as the artifacts of a pipeline: a run's directory, a zip, or many in either."""

from __future__ import annotations

import re
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from pydantic import ValidationError

from drill.errors import DrillError
from drill.evidence import run_index, statement
from drill.evidence.envelope import EvidenceError, opened
from drill.evidence.record import RunRecord
from drill.evidence.run_index import RunIndex
from drill.evidence.sealing import heads_on_disk

LARGEST = 2**30
"""The bytes that a zip may unpack to; a run's evidence is a few hundred kilobytes."""

RECORD = "run.json"


class Fate(StrEnum):
    """What became of a run that was to be taken in."""

    TAKEN = "taken in"
    KNOWN = "here already"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Import:
    """One run that was found, and what became of it."""

    run: str
    fate: Fate
    reason: str


def take_in(reports: Path, source: Path) -> list[Import]:
    """Take in every run below a directory or in a zip; nothing that is here is ever written over.

    A run is refused where its record does not parse, its statement contradicts its files, or another of the same id
    is here.

    Raises:
        DrillError: the source is neither, holds no run, or is a zip that would write elsewhere or without end.
    """
    with tempfile.TemporaryDirectory(dir=_made(reports / "runs").parent, prefix=".import-") as scratch:
        place = source
        if source.is_file():
            place = Path(scratch) / "unpacked"
            _unpack(source, place)
        found = sorted(path.parent for path in place.rglob(RECORD) if path.is_file() and not path.is_symlink())
        if not found:
            raise DrillError(
                f"{source} holds no run", remedy=f"name a run's directory (with its {RECORD}) or a zip of one"
            )
        with run_index.opened(reports) as index:
            imports = [_take(run, reports, Path(scratch)) for run in found]
            index.refresh()
            _note_heads(reports, index, imports)
    return imports


def _take(run: Path, reports: Path, scratch: Path) -> Import:
    try:
        record = RunRecord.model_validate_json((run / RECORD).read_bytes())
    except ValidationError as error:
        return Import(run.name, Fate.REFUSED, f"its record does not parse: {error.errors(include_url=False)[0]['msg']}")
    if not re.fullmatch(statement.RUN_ID, record.id):
        return Import(run.name, Fate.REFUSED, f"{record.id!r} is no id of a run")
    copy = scratch / record.id
    if copy.exists():
        return Import(record.id, Fate.REFUSED, "it is in there twice")
    for name, path in statement.files(run):
        if path.is_symlink() or not path.is_file():
            return Import(record.id, Fate.REFUSED, f"{name} is no file")
    shutil.copytree(run, copy)
    target = reports / "runs" / record.id
    if target.exists():
        same = _contents(copy) == _contents(target)
        return Import(record.id, Fate.KNOWN if same else Fate.REFUSED, "" if same else "another run of that id is here")
    if problem := _contradiction(copy, record):
        return Import(record.id, Fate.REFUSED, problem)
    copy.rename(target)
    return Import(record.id, Fate.TAKEN, "" if (target / statement.NAME).exists() else "it was never sealed")


def _contradiction(run: Path, record: RunRecord) -> str | None:
    stored = run / statement.NAME
    if not stored.exists():
        return None
    try:
        stated = statement.read(opened(stored.read_bytes()))
    except EvidenceError as error:
        return f"its statement {error.what}"
    held = {name: statement.sha256(path) for name, path in statement.files(run)}
    if stated.link.run != record.id or stated.files != held:
        return "its files are not those that its statement lists"
    return None


def _contents(run: Path) -> dict[str, str]:
    stated = run / statement.NAME
    files = [*statement.files(run), *([(statement.NAME, stated)] if stated.exists() else [])]
    return {name: statement.sha256(path) for name, path in files if path.is_file()}


def _note_heads(reports: Path, index: RunIndex, imports: Sequence[Import]) -> None:
    """Put on record how far the chains of these runs have got; of others, nobody has brought anything that tells."""
    brought = {one.run for one in imports if one.fate is not Fate.REFUSED}
    for head, run in heads_on_disk(reports, having=brought).values():
        index.note_head(head, run, own=False)


def _unpack(source: Path, place: Path) -> None:
    try:
        with zipfile.ZipFile(source) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if sum(member.file_size for member in members) > LARGEST:
                raise DrillError(f"{source} would unpack to more than {LARGEST} bytes", remedy="take it apart first")
            for member, path in _paths(source, members, place):
                path.parent.mkdir(parents=True, exist_ok=True)
                # Never more than was announced, whatever the archive holds.
                with archive.open(member) as packed, path.open("xb") as file:
                    file.write(packed.read(member.file_size))
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
        raise DrillError(
            f"{source} cannot be unpacked: {error}", remedy="name a run's directory, or download the artifact again"
        ) from error


def _paths(source: Path, members: list[zipfile.ZipInfo], place: Path) -> Iterator[tuple[zipfile.ZipInfo, Path]]:
    for member in members:
        name = PurePosixPath(member.filename)
        kind = stat.S_IFMT(member.external_attr >> 16)
        if name.is_absolute() or ".." in name.parts or "\\" in member.filename or kind not in (0, stat.S_IFREG):
            raise DrillError(
                f"{source} holds {member.filename!r}, which is no plain file", remedy="do not trust this zip"
            )
        yield member, place / name


def _made(directory: Path) -> Path:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DrillError(
            f"{directory} cannot be made: {error.strerror}", remedy="name another place with --reports"
        ) from error
    return directory
