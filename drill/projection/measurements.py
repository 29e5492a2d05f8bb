"""What earlier runs have measured, kept apart by what must not be on one line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from drill.evidence.record import MeasurementRecord, RunRecord
from drill.evidence.verdict import Verdict
from drill.policy import Policy
from drill.projection.line import Measured


@dataclass(frozen=True, slots=True, order=True)
class Series:
    """Times that can be compared: of one criterion and one procedure, by one server on one kind of machine.

    ``servers`` names the runtime and, where the procedure has a server, which one that was.
    """

    criterion: str
    procedure: str
    servers: str
    machine: str

    @property
    def surroundings(self) -> tuple[str, str]:
        """The runtime and the machine, which whatever is recovered together has in common."""
        return self.servers.partition(", ")[0], self.machine


def measured(reports: Path, policy: Policy) -> dict[Series, Measured]:
    """Return what the runs below a directory of reports measured; a record that cannot be read counts for nothing.

    Nothing is taken from a criterion that its run disproved: what did not come back took no time that counts.

    Args:
        reports: holds ``runs/``.
        policy: says which server a procedure is about: others that a run had beside it make no difference.
    """
    found: dict[Series, list[MeasurementRecord]] = {}
    for path in sorted((reports / "runs").glob("*/run.json")):
        try:
            run = RunRecord.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            continue
        failed = {criterion.id for criterion in run.criteria if criterion.verdict is Verdict.DISPROVEN}
        for series, times in _by_series(run, policy).items():
            if series.criterion not in failed:
                found.setdefault(series, []).extend(times)
    return _measured(found)


def of_run(run: RunRecord, policy: Policy) -> dict[Series, Measured]:
    """Return what one run measured, whatever it came to."""
    return _measured(_by_series(run, policy))


def _measured(found: Mapping[Series, Iterable[MeasurementRecord]]) -> dict[Series, Measured]:
    return {
        series: Measured.of((each.source_bytes, each.measured, each.phases) for each in found[series])
        for series in sorted(found)
    }


def _by_series(run: RunRecord, policy: Policy) -> dict[Series, list[MeasurementRecord]]:
    found: dict[Series, list[MeasurementRecord]] = {}
    for each in run.measurements:
        found.setdefault(_series(run, each, policy), []).append(each)
    return found


def _series(run: RunRecord, measurement: MeasurementRecord, policy: Policy) -> Series:
    procedure = policy.procedures.get(measurement.procedure)
    servers = []
    if run.runtime is not None:
        asked = [each for each in run.runtime.engines if procedure is None or each.engine == procedure.engine]
        servers = [run.runtime.name, *(each.product for each in asked)]
    disk = run.runtime.disk if run.runtime else None
    machine = [*(run.machine.get(name) for name in ("architecture", "cores")), disk]
    return Series(measurement.criterion, measurement.procedure, ", ".join(servers), json.dumps(machine))
