"""Faults of sealed evidence: what is done to runs that were sealed and signed, by who would rather have other ones."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from drill.damage.files import cut
from drill.damage.score import HEALTHY, Attempt, Outcome
from drill.errors import DrillError
from drill.evidence import keys, statement
from drill.evidence.envelope import opened, wrapped
from drill.evidence.finding import Rule
from drill.evidence.judgement import ScenarioReport
from drill.evidence.record import RunRecord, ScenarioRecord
from drill.evidence.run import Run
from drill.evidence.run_index import FILE_NAME
from drill.evidence.sealing import seal
from drill.evidence.statement import NAME, Head
from drill.evidence.verdict import Verdict
from drill.evidence.verification import Verification, verify
from drill.policy import Policy

if TYPE_CHECKING:
    from securesystemslib.signer import CryptoSigner

EVIDENCE = "evidence"
RECORD, LOG = "run.json", "events.jsonl"
RUNS = 3
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Reports:
    """Sealed runs, the oldest first, and somebody else's key.

    Attributes:
        directory: holds them.
        runs: the directory of each.
        foreign: signs with a key that nobody here knows.
    """

    directory: Path
    runs: Sequence[Path]
    foreign: CryptoSigner

    def restate(self, run: Path, *, signer: CryptoSigner | None) -> None:
        """Make a run's statement anew, so that it fits what is there, and sign it with that key or none."""
        record = RunRecord.model_validate_json((run / RECORD).read_bytes())
        number = self.runs.index(run)
        before = self.runs[number - 1] if number else None
        stated = statement.state(run, record, _head(before) if before else None)
        (run / NAME).write_text(wrapped(stated.payload(), signer), "utf-8")


@dataclass(frozen=True, slots=True)
class SealedFault:
    """One fault of sealed evidence.

    Attributes:
        id: stable.
        field: what is done.
        tamper: does it to a copy.
        named_by: the rules of evidence that may name it.
    """

    id: str
    field: str
    tamper: Callable[[Reports], object]
    named_by: frozenset[str]
    kind: ClassVar[str] = EVIDENCE
    quick: ClassVar[bool] = False


def _edited(run: Path) -> None:
    """Have a run say that it took another number of seconds."""
    stated = json.loads((run / RECORD).read_bytes())
    (run / RECORD).write_text(json.dumps(stated | {"seconds": stated["seconds"] + 1}, indent=2) + "\n", "utf-8")


def _edit(reports: Reports) -> None:
    _edited(reports.runs[1])


def _edit_and_sign(reports: Reports) -> None:
    _edited(reports.runs[-1])
    reports.restate(reports.runs[-1], signer=reports.foreign)


def _edit_and_state(reports: Reports) -> None:
    _edited(reports.runs[1])
    reports.restate(reports.runs[1], signer=None)


def _exchange(reports: Reports) -> None:
    first, second, _ = reports.runs
    aside = reports.directory / "aside"
    first.rename(aside)
    second.rename(first)
    aside.rename(second)


def _roll_back(reports: Reports) -> None:
    """Remove the newest run and what the history knows of it."""
    shutil.rmtree(reports.runs[-1])
    for file in reports.directory.glob(f"{FILE_NAME}*"):
        file.unlink()


def _add(reports: Reports) -> None:
    made = reports.runs[-1].with_name("20991231T235959Z-00000000")
    shutil.copytree(reports.runs[-1], made)
    (made / NAME).unlink()


def _put_older(reports: Reports) -> None:
    """Have the newest run be a copy of an older one."""
    shutil.rmtree(reports.runs[-1])
    shutil.copytree(reports.runs[0], reports.runs[-1])


def _unsign(reports: Reports) -> None:
    for run in reports.runs:
        envelope = json.loads((run / NAME).read_bytes())
        (run / NAME).write_text(json.dumps(envelope | {"signatures": []}), "utf-8")


_SAID: tuple[tuple[str, str, Callable[[Reports], object], set[Rule]], ...] = (
    ("RUN-EDITED", "a run's record was edited", _edit, {Rule.CHANGED}),
    ("RUN-EDITED-AND-STATED-ANEW", "the edited record got a new statement", _edit_and_state, {Rule.CHANGED}),
    (
        "RUN-EDITED-AND-SIGNED",
        "another key has signed what was edited",
        _edit_and_sign,
        {Rule.FORGED, Rule.ROLLED_BACK},
    ),
    ("RUN-LOG-CUT", "the end of a run's log is gone", lambda r: cut(r.runs[1] / LOG), {Rule.CHANGED}),
    ("RUN-REMOVED", "a run that went wrong is gone", lambda r: shutil.rmtree(r.runs[1]), {Rule.MISSING}),
    ("RUNS-REORDERED", "two runs have changed places", _exchange, {Rule.REORDERED}),
    ("RUNS-ROLLED-BACK", "the newest run is gone, from the history too", _roll_back, {Rule.ROLLED_BACK}),
    ("RUN-ADDED", "a run was put there that never was", _add, {Rule.ADDED}),
    ("RUN-REPLACED", "an older run passes for the newest", _put_older, {Rule.REORDERED, Rule.ROLLED_BACK}),
    ("STATEMENT-LOST", "a run's statement is gone", lambda r: (r.runs[1] / NAME).unlink(), {Rule.MISSING, Rule.ADDED}),
    ("SIGNATURES-LOST", "whoever signed is gone from every statement", _unsign, {Rule.UNSIGNED}),
)
SEALED_FAULTS = tuple(
    SealedFault(name, field, tamper, frozenset(rule.name for rule in rules)) for name, field, tamper, rules in _SAID
)


def try_sealed(faults: Sequence[SealedFault], policy: Policy, *, directory: Path) -> list[Attempt]:
    """Seal some runs, verify them as they are, and one copy for each fault.

    Args:
        faults: which.
        policy: the runs are of.
        directory: where runs and keys are made.
    """
    home = directory / f"evidence-{next(_numbers)}"
    try:
        home.mkdir(mode=0o700)
        trials = _Trials(home, policy)
    except DrillError as error:
        return [_attempt(fault, Outcome.NOT_TRIED, (), str(error), 0.0) for fault in faults]
    return [trials.healthy(), *map(trials.fault, faults)]


class _Trials:
    """Has sealed runs, copies them and verifies the copies."""

    def __init__(self, home: Path, policy: Policy) -> None:
        pair, other = keys.create(home / "key"), keys.create(home / "other")
        self._public = keys.public_key(pair.public)
        self._foreign = _signer(other)
        self._home = home
        self._original = home / "reports"
        self._names = [_sealed(self._original, policy, _signer(pair)) for _ in range(RUNS)]
        head, _ = _head(self._original / "runs" / self._names[-1])
        self._noted = str(head)

    def healthy(self) -> Attempt:
        """Verify the runs as they are."""
        started = time.monotonic()
        found = self._verified(self._original)
        outcome = Outcome.CLEAN if found.verdict is Verdict.PROVEN else Outcome.FALSE_ALARM
        said = str(found.findings[0]) if found.findings else ""
        took = time.monotonic() - started
        return Attempt("sealed runs", HEALTHY, "nothing has befallen them", outcome, _named(found), said, took)

    def fault(self, fault: SealedFault) -> Attempt:
        """Tamper with a copy and verify it."""
        started = time.monotonic()
        copy = self._home / fault.id
        shutil.copytree(self._original, copy, symlinks=True)
        fault.tamper(Reports(copy, [copy / "runs" / name for name in self._names], self._foreign))
        found = self._verified(copy)
        shutil.rmtree(copy)
        naming = [each for each in found.findings if each.rule.name in fault.named_by]
        noticed = naming and found.verdict is not Verdict.PROVEN
        outcome = Outcome.CAUGHT if noticed else Outcome.MISSED
        first = next(iter([*naming, *found.findings]), "it passed for proven")
        return _attempt(fault, outcome, _named(found), str(first), time.monotonic() - started)

    def _verified(self, reports: Path) -> Verification:
        return verify(reports, keys=[self._public], expected=[self._noted])


def _attempt(fault: SealedFault, outcome: Outcome, found: tuple[str, ...], said: str, seconds: float) -> Attempt:
    return Attempt(fault.id, fault.kind, fault.field, outcome, found, said, seconds)


def _named(found: Verification) -> tuple[str, ...]:
    return tuple(dict.fromkeys(finding.rule.name for finding in found.findings))


def _signer(pair: keys.KeyPair) -> CryptoSigner:
    signer = keys.signer_from({keys.VARIABLE: str(pair.private)})
    assert signer is not None
    return signer


def _head(run: Path) -> tuple[Head, str]:
    envelope = opened((run / NAME).read_bytes())
    link = statement.read(envelope).link
    return Head(link.chain, link.number, envelope.sha256), link.run


def _sealed(reports: Path, policy: Policy, signer: CryptoSigner) -> str:
    """Let a run of one scenario come to its end, as the drill's own do; return its id."""
    run = Run(policy, reports=reports, seed=1, scale=1, selection=["features"])
    record = ScenarioRecord(
        node="features/rehearsed.feature::test_rehearsed",
        feature="Rehearsed",
        rule=None,
        name="Rehearsed",
        criteria=(),
        verdict=Verdict.PROVEN,
        seconds=1.0,
        reason=None,
    )
    run.expect({record.node: ()})
    run.take(ScenarioReport(record))
    seal(run.directory, run.finish(status=0, totals={}), signer=signer)
    return run.id
