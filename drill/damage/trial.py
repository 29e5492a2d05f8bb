"""Tries the catalogue of faults: a fresh copy for each, injected, verified, and what found it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import count

from drill.commands.search_path import search_path
from drill.damage import rivals
from drill.damage.away import FarSites, far_sites, sent_and_fetched
from drill.damage.faults import CATALOGUE, Fault, Scene
from drill.damage.faults.sites import SITE
from drill.damage.rehearsed import Rehearsed
from drill.damage.rivals import Opinion, Sight
from drill.damage.score import HEALTHY, Attempt, Outcome, Score
from drill.damage.sealed import SEALED_FAULTS, SealedFault
from drill.errors import DrillError
from drill.evidence.verdict import Verdict
from drill.rehearsal import PLACE
from drill.runtimes.trees import copy_tree
from drill.verification import Report, Targets, verify
from drill.verification.verification import Request

KNOWN: tuple[Fault | SealedFault, ...] = (*CATALOGUE, *SEALED_FAULTS)
"""Every fault that there is to try."""
WHOLE = "nothing has befallen it"
_numbers = count(1)
Tell = Callable[[Attempt], object]


def chosen(kinds: Sequence[str], *, quick: bool) -> list[Fault | SealedFault]:
    """Return the faults of these kinds, of all where none is named; the quick ones where only those are wanted.

    Raises:
        DrillError: there is no such kind.
    """
    known = dict.fromkeys(fault.kind for fault in KNOWN)
    if unknown := [kind for kind in kinds if kind not in known]:
        raise DrillError(f"no kind of fault {unknown[0]!r}", remedy=f"name one of {', '.join(known)}")
    return [fault for fault in KNOWN if (not kinds or fault.kind in kinds) and (fault.quick or not quick)]


def try_all(
    faults: Sequence[Fault],
    rehearsed: Rehearsed,
    *,
    workers: int = 2,
    comparing: bool = False,
    tell: Tell = lambda _: None,
) -> Score:
    """Verify the healthy sets, and one copy for each fault; return what was found.

    Args:
        faults: which.
        rehearsed: what is copied.
        workers: so many at once.
        comparing: ask usual checks what they say of the same faults.
        tell: is told of each as soon as it is done.
    """
    started = time.monotonic()
    with far_sites(rehearsed.sources.runtime.workspace) as sites, ThreadPoolExecutor(workers) as pool:
        trying = _Trying(rehearsed, comparing=comparing, sites=sites)
        tasks: list[Callable[[], Attempt]] = [partial(trying.healthy, name) for name in rehearsed.healthy(faults)]
        away = dict.fromkeys(rehearsed.victim(fault) for fault in faults if fault.kind == SITE)
        tasks += [partial(trying.healthy_away, name) for name in away if name]
        tasks += [partial(trying.fault, fault) for fault in faults]

        def attempt(task: Callable[[], Attempt]) -> Attempt:
            done = task()
            tell(done)
            return done

        attempts = list(pool.map(attempt, tasks))
    return Score(tuple(attempts), seconds=time.monotonic() - started, known=len(KNOWN))


def try_healthy(rehearsed: Rehearsed, *, workers: int = 2, tell: Tell = lambda _: None) -> list[Attempt]:
    """Verify every set as it is; return what was found of each."""
    with far_sites(rehearsed.sources.runtime.workspace) as sites, ThreadPoolExecutor(workers) as pool:
        trying = _Trying(rehearsed, comparing=False, sites=sites)

        def attempt(name: str) -> Attempt:
            done = trying.healthy(name)
            tell(done)
            return done

        return list(pool.map(attempt, rehearsed.record.sets))


class _Trying:
    """Makes copies, injects and verifies."""

    def __init__(self, rehearsed: Rehearsed, *, comparing: bool, sites: FarSites) -> None:
        self._rehearsed = rehearsed
        self._sites = sites
        self._comparing = comparing
        self._sources = rehearsed.sources

    def healthy(self, name: str) -> Attempt:
        """Verify a set as it is, to every moment on record: nothing may be found."""
        started = time.monotonic()
        with self._copied(name) as scene:
            report = self._verified(scene, Request(only=name, expected_record=scene.noted))
        return _healthy(name, report, {}, started)

    def healthy_away(self, name: str) -> Attempt:
        """Send a set to another site as it is, and verify what is fetched: nothing may be found."""
        started, label = time.monotonic(), f"{name} at the other site"
        try:
            with self._copied(name) as scene:
                said = sent_and_fetched(scene, self._sites.new(), inject=lambda _: None)
                report = self._verified(scene, Request(only=name, expected_record=scene.noted))
        except DrillError as error:
            took = time.monotonic() - started
            return Attempt(label, HEALTHY, WHOLE, Outcome.NOT_TRIED, (), str(error), took)
        return _healthy(label, report, said, started)

    def fault(self, fault: Fault) -> Attempt:
        """Inject a fault into a copy, verify it, and tell what named it."""
        started = time.monotonic()
        opinions: dict[str, Opinion] = {}
        outcome, found, said = self._tried(fault, opinions)
        return Attempt(
            id=fault.id,
            kind=fault.kind,
            field=fault.field,
            outcome=outcome,
            findings=found,
            said=said,
            seconds=time.monotonic() - started,
            opinions=opinions,
        )

    def _tried(self, fault: Fault, opinions: dict[str, Opinion]) -> tuple[Outcome, tuple[str, ...], str]:
        victim = self._rehearsed.victim(fault)
        if victim is None:
            return Outcome.NOT_TRIED, (), self._rehearsed.lack(fault)
        try:
            with self._copied(victim) as scene:
                aim = (scene.first if fault.aim == "first" else scene.last).id
                away = self._befallen(scene, fault)
                request = Request(only=victim, backup=aim, moment=fault.moment, expected_record=scene.noted)
                if not scene.home.is_dir():
                    request = Request(expected_record=scene.noted)
                report = self._verified(scene, request)
                if self._comparing:
                    opinions |= self._opinions(scene, aim, _said(report, away))
        except DrillError as error:
            return Outcome.NOT_TRIED, (), str(error)
        said = _said(report, away)
        naming = [found for found in said if found in fault.named_by]
        passed = report.verdict is Verdict.PROVEN and not away
        if passed or not naming or not fault.demanded <= said.keys():
            return Outcome.MISSED, tuple(said), next(iter(said.values()), "it passed for proven")
        touched = any(each.touched for each in report.restorations)
        return (Outcome.CAUGHT if touched else Outcome.REFUSED), tuple(said), said[naming[0]]

    def _befallen(self, scene: Scene, fault: Fault) -> dict[str, str]:
        """Inject a fault, at another site where it is one of such copies; return what was found there."""
        if fault.kind == SITE:
            return sent_and_fetched(scene, self._sites.new(), inject=fault.inject)
        fault.inject(scene)
        return {}

    def _opinions(self, scene: Scene, aim: str, found: Collection[str]) -> dict[str, Opinion]:
        return rivals.opinions(
            Sight(
                directory=scene.home / aim,
                whole=self._sources.repository / scene.set / aim,
                found=found,
                path=search_path(self._sources.runtime.programs),
            )
        )

    def _verified(self, scene: Scene, request: Request) -> Report:
        targets = Targets(scene.policy, self._sources.runtime, self._sources.clusters)
        try:
            return verify(scene.repository, policy=scene.policy, targets=targets, request=request)
        finally:
            targets.close()

    @contextmanager
    def _copied(self, name: str) -> Iterator[Scene]:
        """Give a copy of one set with its part of the record; it goes with the block."""
        original = self._sources.repository
        place = self._sources.runtime.workspace.directory / f"trial-{next(_numbers)}"
        place.mkdir(mode=0o711)
        try:
            recorded = self._rehearsed.record.sets[name]
            alone = {"sets": {name: recorded}, "left_out": self._others(name)}
            record = self._rehearsed.record.model_copy(update=alone)
            copy_tree(original / name, place / name)
            (place / PLACE).mkdir(mode=0o700)
            for state in recorded.states:
                (place / PLACE / state.held).hardlink_to(original / PLACE / state.held)
            record.write(place)
            yield Scene(
                repository=place,
                set=name,
                policy=self._sources.policy,
                source=self._rehearsed.stores[recorded.procedure],
                noted=record.checksum,
            )
        finally:
            shutil.rmtree(place)

    def _others(self, name: str) -> dict[str, None]:
        """Return the sets that nobody asks a copy for."""
        return {each.set: None for each in self._sources.policy.procedures.values() if each.set != name}


JUDGED = {
    Verdict.PROVEN: Outcome.CLEAN,
    Verdict.DISPROVEN: Outcome.FALSE_ALARM,
    Verdict.UNPROVEN: Outcome.NOT_TRIED,
}
"""What the verdict on a healthy set comes to: what could not be judged was not accused, and did not come out clean."""


def _healthy(name: str, report: Report, away: Mapping[str, str], started: float) -> Attempt:
    said = _said(report, away)
    return Attempt(
        id=name,
        kind=HEALTHY,
        field=WHOLE,
        outcome=Outcome.FALSE_ALARM if away else JUDGED[report.verdict],
        findings=tuple(said),
        said=next(iter(said.values()), ""),
        seconds=time.monotonic() - started,
    )


def _said(report: Report, away: Mapping[str, str]) -> dict[str, str]:
    """Return the first that was said of each finding, those at another site before all others."""
    said = dict(away)
    for finding in report.findings:
        said.setdefault(finding.id, str(finding))
    return said
