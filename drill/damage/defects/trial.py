"""Tries the catalogue of defects: a copy of the scripts for each, edited, and its scenario run on that copy."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from pathlib import Path

from drill import progress
from drill.commands.execution import run
from drill.damage.defects import DEFECTS, UNNOTICED
from drill.damage.defects.defect import Defect, Scenario
from drill.damage.defects.score import Attempt, DefectScore, Ending
from drill.errors import DrillError
from drill.evidence.attachments import attach_json
from drill.evidence.record import RunRecord, ScenarioRecord
from drill.evidence.verdict import Verdict, worst
from drill.policy import Policy
from drill.runtimes import Runtime
from drill.runtimes.workspace import Workspace

SCRIPTS = "backup_scripts"
FEATURES = "features"
LIMIT = timedelta(minutes=30)
"""No scenario takes that long, and no share of them either."""
LAST_WORDS = 600
ENDINGS = {
    Verdict.DISPROVEN: Ending.NOTICED,
    Verdict.PROVEN: Ending.SURVIVED,
    Verdict.UNPROVEN: Ending.NOT_TRIED,
}
"""Only a scenario that disproves has noticed; one that could not be run to its end tells nothing."""
NOT_OURS = ("PYTEST_", "DR_DRILL_SIGNING", "PYTHONDONTWRITEBYTECODE")
"""What the drills within shall not know: that they run in another one, and whose signature that has.

Nor that nothing compiled is to be kept: they leave it where it goes with all else of theirs.
"""

Tell = Callable[[str], object]


def chosen(ids: Sequence[str]) -> list[Defect]:
    """Return the defects of these ids, all where none is named.

    Raises:
        DrillError: there is no such defect.
    """
    known = {defect.id: defect for defect in DEFECTS}
    if unknown := [each for each in ids if each not in known]:
        raise DrillError(f"no defect {unknown[0]!r}", remedy=f"name one of {', '.join(known)}")
    return [known[each] for each in ids] or list(DEFECTS)


def try_all(
    defects: Sequence[Defect], policy: Policy, *, runtime: str, workers: int = 2, tell: Tell = lambda _: None
) -> DefectScore:
    """Put each defect into a copy of the scripts and run its scenario there; run all the scenarios on sound ones, too.

    Args:
        defects: which.
        policy: whose procedures are run; the scripts lie beside it, and so do the features.
        runtime: where the servers run.
        workers: so many drills at once.
        tell: is told of each as soon as it is done.

    Raises:
        DrillError: scripts or features are not there, or an edit does not fit them.
    """
    for needed in (SCRIPTS, FEATURES):
        if not (policy.directory / needed).is_dir():
            raise DrillError(
                f"there is no {needed} beside {policy.file}",
                remedy="run this in a checkout of the drill: the defects are those of its own scripts",
            )
    started = time.monotonic()
    workspace = Workspace.create()
    try:
        drills = _Drills(policy, workspace.directory, runtime)
        return _tried(defects, drills, workers=workers, tell=tell, started=started)
    finally:
        workspace.remove()


def tried(defects: Sequence[Defect], policy: Policy, *, runtime: Runtime) -> DefectScore:
    """Try the defects where a drill runs already, and show in the evidence what came of each."""
    with progress.working_on(f"trying {len(defects)} defects"):
        score = try_all(defects, policy, runtime=runtime.name, tell=progress.tell)
    attach_json("defects", score.as_json())
    return score


def _tried(defects: Sequence[Defect], drills: _Drills, *, workers: int, tell: Tell, started: float) -> DefectScore:
    scenarios = sorted({defect.scenario for defect in defects}, key=lambda each: each.node)

    def on_sound_scripts(share: Sequence[Scenario]) -> dict[Scenario, tuple[Verdict, str]]:
        found = drills.not_proven(share)
        tell(f"{len(share)} scenarios on sound scripts: {len(share) - len(found)} proven")
        return found

    def attempt(defect: Defect) -> Attempt:
        done = drills.attempt(defect)
        tell(f"{done.seconds:5.1f} s  {done.id}: {done.ending} ({done.scenario})")
        return done

    shares = [share for number in range(workers) if (share := scenarios[number::workers])]
    with ThreadPoolExecutor(workers) as pool:
        sound = pool.map(on_sound_scripts, shares)
        attempts = list(pool.map(attempt, defects))
        not_proven = {scenario: why for share in sound for scenario, why in share.items()}
    for number, defect in enumerate(defects):
        if why := not_proven.get(defect.scenario):
            said = f"its scenario is {why[0]} on sound scripts: {why[1]}"
            attempts[number] = replace(attempts[number], ending=Ending.NOT_TRIED, said=said)
    return DefectScore(
        attempts=tuple(attempts),
        sound=len(scenarios),
        accused={each.node: said for each, (verdict, said) in not_proven.items() if verdict is Verdict.DISPROVEN},
        unnoticed=UNNOTICED,
        seconds=time.monotonic() - started,
    )


@dataclass(frozen=True, slots=True)
class _Drilled:
    """What came of one drill within: its scenarios, none where it did not get that far, and its last words."""

    scenarios: tuple[ScenarioRecord, ...]
    said: str

    def verdict(self, scenario: Scenario) -> tuple[Verdict, str]:
        """Return what a scenario came to, the worst of the rows of it that were run, and what that said."""
        records = [each for each in self.scenarios if each.node.partition("[")[0] == scenario.node]
        verdict = worst(each.verdict for each in records)
        return verdict, next((each.reason or "" for each in records if each.verdict is verdict), self.said)


class _Drills:
    """Drills scenarios on copies of the scripts; each copy goes when its drill is over."""

    def __init__(self, policy: Policy, directory: Path, runtime: str) -> None:
        self._policy = policy
        self._directory = directory
        self._runtime = runtime
        self._numbers = count(1)

    def not_proven(self, scenarios: Sequence[Scenario]) -> dict[Scenario, tuple[Verdict, str]]:
        """Return which scenarios are not proven on sound scripts, and what they say."""
        with self._copied() as place:
            drilled = self._drill(place, scenarios)
        verdicts = {scenario: drilled.verdict(scenario) for scenario in scenarios}
        return {each: found for each, found in verdicts.items() if found[0] is not Verdict.PROVEN}

    def attempt(self, defect: Defect) -> Attempt:
        """Put a defect into a copy and run its scenario on it."""
        started = time.monotonic()
        with self._copied() as place:
            defect.put_into(place / SCRIPTS)
            verdict, said = self._drill(place, [defect.scenario], "--exitfirst").verdict(defect.scenario)
        return Attempt(
            id=defect.id,
            field=defect.field,
            scenario=defect.scenario.node.removeprefix(f"{FEATURES}/"),
            ending=ENDINGS[verdict],
            said=said or "it is proven all the same",
            seconds=time.monotonic() - started,
        )

    @contextmanager
    def _copied(self) -> Iterator[Path]:
        """Give a directory with the policy and a copy of the scripts; what else the policy names is linked to."""
        place = self._directory / f"scripts-{next(self._numbers)}"
        place.mkdir(mode=0o711)
        try:
            for each in self._policy.directory.iterdir():
                if each.name == SCRIPTS:
                    shutil.copytree(each, place / SCRIPTS, ignore=shutil.ignore_patterns("__pycache__"))
                elif each.name == self._policy.file.name:
                    shutil.copy2(each, place)
                elif not each.name.startswith(".") and each.name != "reports":
                    (place / each.name).symlink_to(each)
            yield place
        finally:
            shutil.rmtree(place)

    def _environment(self) -> dict[str, str]:
        """Return ours without what is not to be known, and with a place where one drill finds what another compiled."""
        ours = {name: value for name, value in os.environ.items() if not name.startswith(NOT_OURS)}
        return ours | {"PYTHONPYCACHEPREFIX": str(self._directory / "compiled")}

    def _drill(self, place: Path, scenarios: Sequence[Scenario], *options: str) -> _Drilled:
        reports = place / "reports"
        command = [sys.executable, "-m", "pytest", "--quiet", "-p", "no:cacheprovider", *options]
        command += [f"--runtime={self._runtime}", f"--policy={place / self._policy.file.name}", f"--reports={reports}"]
        outcome = run(
            [*command, *(scenario.node for scenario in scenarios)],
            environment=self._environment(),
            directory=self._policy.directory,
            limit=LIMIT,
        )
        record = reports / "latest" / "run.json"
        if not record.is_file():
            return _Drilled((), (outcome.output + outcome.diagnostics).strip()[-LAST_WORDS:])
        return _Drilled(RunRecord.model_validate_json(record.read_bytes()).scenarios, "")
