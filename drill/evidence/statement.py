"""What is stated of a run when it ends: its files with their hashes, its result, and the statement before.

An in-toto Statement with the test-result predicate. The predicate's extension ``drDrill`` chains the statements: each
holds its number and the hash of the one before it, so that none can be changed, dropped or moved without the next one
contradicting.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, Literal

from msgspec import DecodeError, Meta, Struct
from msgspec.json import Decoder, encode

from drill.evidence.envelope import FETCH, Envelope, EvidenceError
from drill.evidence.record import RunRecord
from drill.evidence.redaction import redacted
from drill.evidence.verdict import Verdict

NAME = "statement.dsse.json"
_CHUNK = 1 << 20
STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE: Final = "https://in-toto.io/attestation/test-result/v0.1"

RUN_ID = r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}"
RunId = Annotated[str, Meta(pattern=rf"^{RUN_ID}\Z")]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]


# Fields that are not known are ignored: the framework's rule.
class Digest(Struct, frozen=True):
    """A hash."""

    sha256: Sha256


class Resource(Struct, frozen=True):
    """A file and its hash."""

    name: str
    digest: Digest


class Previous(Struct, frozen=True):
    """The statement before: of which run, and the hash of its payload."""

    run: RunId
    sha256: Sha256


class Link(Struct, frozen=True):
    """A run's place in its chain, which has the name of the run that began it."""

    chain: RunId
    number: Annotated[int, Meta(ge=1)]
    run: RunId
    previous: Previous | None
    finished: Annotated[datetime, Meta(tz=True)]
    verdict: Verdict


class TestResult(
    Struct,
    frozen=True,
    kw_only=True,
    rename={"passed": "passedTests", "warned": "warnedTests", "failed": "failedTests", "link": "drDrill"},
):
    """The predicate; ``PASSED`` is a run that is proven, anything else ``FAILED``: what is unproven did not pass."""

    result: Literal["PASSED", "FAILED"]
    configuration: tuple[Resource, ...]
    passed: tuple[str, ...]
    warned: tuple[str, ...] = ()
    failed: tuple[str, ...]
    link: Link


class Statement(Struct, frozen=True, kw_only=True, rename={"type": "_type", "predicate_type": "predicateType"}):
    """One run's statement."""

    type: Literal["https://in-toto.io/Statement/v1"] = STATEMENT_TYPE
    subject: Annotated[tuple[Resource, ...], Meta(min_length=1)]
    predicate_type: Literal["https://in-toto.io/attestation/test-result/v0.1"] = PREDICATE_TYPE
    predicate: TestResult

    @property
    def link(self) -> Link:
        """The run's place in its chain."""
        return self.predicate.link

    @property
    def files(self) -> Mapping[str, str]:
        """The hash of every file by its name below the run's directory."""
        return {resource.name: resource.digest.sha256 for resource in self.subject}

    def payload(self) -> bytes:
        """Return the bytes that are hashed and signed."""
        return encode(self)


_STATEMENT = Decoder(Statement)


@dataclass(frozen=True, slots=True, order=True)
class Head:
    """Where a chain has got to; ``number:sha256`` is what an auditor notes elsewhere."""

    chain: str
    number: int
    sha256: str

    def __str__(self) -> str:
        return f"{self.number}:{self.sha256}"


def state(directory: Path, record: RunRecord, previous: tuple[Head, str] | None) -> Statement:
    """Return the statement of a run that has ended.

    Args:
        directory: the run's evidence, all of it.
        record: what it came to.
        previous: the head of the chain that it continues, and the run that this is of; None begins a chain.
    """
    head = previous[0] if previous else None
    link = Link(
        chain=head.chain if head else record.id,
        number=head.number + 1 if head else 1,
        run=record.id,
        previous=Previous(run=previous[1], sha256=previous[0].sha256) if previous else None,
        finished=datetime.fromisoformat(record.finished),
        verdict=record.verdict,
    )
    passed, failed = _tests(record)
    return Statement(
        subject=tuple(Resource(name=name, digest=Digest(sha256=sha256(path))) for name, path in files(directory)),
        predicate=TestResult(
            result="PASSED" if record.verdict is Verdict.PROVEN else "FAILED",
            configuration=(Resource(name=record.policy["file"], digest=Digest(sha256=record.policy["sha256"])),),
            passed=passed,
            failed=failed,
            link=link,
        ),
    )


def read(envelope: Envelope) -> Statement:
    """Return the statement in an envelope.

    Raises:
        EvidenceError: there is none of a drill in it.
    """
    try:
        return _STATEMENT.decode(envelope.payload)
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise EvidenceError(f"holds no statement of a drill ({error})", remedy=FETCH) from error


def files(directory: Path) -> Iterator[tuple[str, Path]]:
    """Yield everything below a run's directory but its statement, by name, sorted; links and the like too."""
    for name, entry in sorted(entries(directory).items()):
        yield name, Path(entry.path)


def entries(directory: Path) -> dict[str, os.DirEntry[str]]:
    """Return everything below a run's directory but its statement, by name; links and the like too."""
    return {name: entry for name, entry in _below(directory, "") if name != NAME}


def sha256(path: Path) -> str:
    """Return a file's hash."""
    return content_hash(path)[0]


def content_hash(path: str | Path) -> tuple[str, int]:
    """Return a file's hash and how many bytes that was of; a link is not followed.

    Raises:
        OSError: it cannot be read, or is a link.
    """
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        while chunk := os.read(descriptor, _CHUNK):
            digest.update(chunk)
            size += len(chunk)
    finally:
        os.close(descriptor)
    return digest.hexdigest(), size


def _below(directory: Path | str, prefix: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    with os.scandir(directory) as found:
        for entry in found:
            if entry.is_dir(follow_symlinks=False):
                yield from _below(entry.path, f"{prefix}{entry.name}/")
            else:
                yield prefix + entry.name, entry


def _tests(record: RunRecord) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of criteria and scenarios that are proven, and of those that are not."""
    judged: list[tuple[str, Verdict]] = [
        *((criterion.id, criterion.verdict) for criterion in record.criteria),
        *((scenario.node, scenario.verdict) for scenario in record.scenarios),
        *((node, Verdict.UNPROVEN) for node in record.unreported),
    ]
    passed = tuple(redacted(name) for name, verdict in judged if verdict is Verdict.PROVEN)
    return passed, tuple(redacted(name) for name, verdict in judged if verdict is not Verdict.PROVEN)
