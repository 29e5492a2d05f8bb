"""The last run in which the plan was carried out and proven, and what each restore took in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from drill.commands.execution import DONE
from drill.evidence.belief import doubt
from drill.evidence.decided import EXECUTED
from drill.evidence.history import LOG, events
from drill.evidence.journal import Kind
from drill.evidence.record import RunRecord
from drill.evidence.verdict import Verdict
from drill.evidence.verification import verify
from drill.policy import Policy

if TYPE_CHECKING:
    from securesystemslib.signer import SSlibKey


@dataclass(frozen=True, slots=True)
class LastDrill:
    """A drill.

    Attributes:
        run: its id.
        finished: when it ended.
        runtime: what the servers ran on.
        policy: the SHA-256 of the policy that was drilled.
        restores: the longest that each procedure's restore took in it.
        recoveries: the longest that each system took from the declaration to its first correct answer.
        vouched: whether a known key stands for its record; whoever could write to it could have changed it otherwise.
    """

    run: str
    finished: datetime
    runtime: str
    policy: str
    restores: Mapping[str, timedelta]
    recoveries: Mapping[str, timedelta]
    vouched: bool


def last_proven(reports: Path, policy: Policy, *, keys: Sequence[SSlibKey] = ()) -> LastDrill | None:
    """Return the newest run that proved the plan to be carried out, every scenario of it; None where there is none.

    A run whose evidence does not hold, or that was never sealed, proved nothing.

    Args:
        reports: holds ``runs/``; where it is not there, nothing has been drilled.
        policy: whose criterion it is; one that the policy does not have was never drilled.
        keys: the public keys whose signatures count.
    """
    if EXECUTED not in {criterion.id for criterion in policy.criteria} or not reports.is_dir():
        return None
    verification = verify(reports, keys=keys)
    for path in sorted((reports / "runs").glob("*/run.json"), reverse=True):
        if doubt(path.parent.name, verification) is not None:
            continue
        try:
            run = RunRecord.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            continue
        proven = [each for each in run.criteria if (each.id, each.verdict) == (EXECUTED, Verdict.PROVEN)]
        if any(each.selected == each.scenarios for each in proven):
            return _drill(run, path.parent, vouched=path.parent.name in verification.vouched)
    return None


def _drill(run: RunRecord, directory: Path, *, vouched: bool) -> LastDrill:
    restores: dict[str, timedelta] = {}
    recoveries: dict[str, timedelta] = {}
    for event in events(directory / LOG):
        if event.get("kind") == Kind.RECOVERY and event.get("status") == DONE:
            _longest(restores, event.get("procedure"), event.get("seconds"))
        if event.get("kind") == Kind.INCIDENT and event.get("milestone") == "verified":
            _longest(recoveries, event.get("system"), event.get("took"))
    return LastDrill(
        run=run.id,
        finished=datetime.fromisoformat(run.finished),
        runtime=run.runtime.name if run.runtime else "nothing",
        policy=run.policy["sha256"],
        restores=restores,
        recoveries=recoveries,
        vouched=vouched,
    )


def _longest(found: dict[str, timedelta], name: object, seconds: object) -> None:
    if isinstance(name, str) and isinstance(seconds, int | float):
        found[name] = max(found.get(name, timedelta(0)), timedelta(seconds=seconds))
