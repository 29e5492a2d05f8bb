"""Tries the catalogue of faults: a fresh copy for each, injected, verified, and what found it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

from drill.commands.search_path import search_path
from drill.damage import rivals, victims
from drill.damage.faults import CATALOGUE, Fault, Scene
from drill.damage.rivals import Opinion, Sight
from drill.damage.score import HEALTHY, Attempt, Outcome, Score
from drill.damage.sealed import SEALED_FAULTS, SealedFault
from drill.errors import DrillError
from drill.evidence.verdict import Verdict
from drill.rehearsal import PLACE, Record, Sources, obstacle
from drill.runtimes.trees import copy_tree
from drill.stores import Store
from drill.verification import Report, Targets, verify
from drill.verification.verification import Request

KNOWN: tuple[Fault | SealedFault, ...] = (*CATALOGUE, *SEALED_FAULTS)
"""Every fault that there is to try."""
_numbers = count(1)
Tell = Callable[[Attempt], object]


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What was rehearsed and is still there to be copied.

    Attributes:
        sources: made the estate, and know the repository.
        stores: what was backed up, by procedure; it still runs.
        record: what it held.
    """

    sources: Sources
    stores: dict[str, Store]
    record: Record

    def victim(self, kind: str) -> str | None:
        """Return the set that a kind of fault befalls; None where none was rehearsed."""
        wanted = kind if kind in WITH_OWN_VICTIM else victims.ON_ANY
        for name, recorded in self.record.sets.items():
            if wanted in victims.kinds_of(self.sources.policy.procedures[recorded.procedure], recorded):
                return name
        return None

    def lack(self, kind: str) -> str:
        """Return why there is nothing that a kind of fault could befall."""
        machines = [each for each in self.sources.policy.procedures.values() if each.engine == victims.MACHINE]
        why = next((why for each in machines if (why := obstacle(each))), "") if kind == victims.MACHINE else ""
        return why or "nothing was rehearsed that it could befall"


WITH_OWN_VICTIM = (
    victims.DUMP,
    victims.PHYSICAL,
    victims.CHAIN,
    victims.LOG,
    victims.STREAM,
    victims.SNAPSHOT,
    victims.APPEND_ONLY,
    victims.ARCHIVE,
    victims.MIRROR,
    victims.MACHINE,
)


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
    """Verify every healthy set, and one copy for each fault; return what was found.

    Args:
        faults: which.
        rehearsed: what is copied.
        workers: so many at once.
        comparing: ask usual checks what they say of the same faults.
        tell: is told of each as soon as it is done.
    """
    started = time.monotonic()
    trying = _Trying(rehearsed, comparing=comparing)
    hit = {rehearsed.victim(fault.kind) for fault in faults}

    def attempt(what: Fault | str) -> Attempt:
        done = trying.healthy(what) if isinstance(what, str) else trying.fault(what)
        tell(done)
        return done

    with ThreadPoolExecutor(workers) as pool:
        attempts = list(pool.map(attempt, [*(name for name in rehearsed.record.sets if name in hit), *faults]))
    return Score(tuple(attempts), seconds=time.monotonic() - started, known=len(KNOWN))


def try_healthy(rehearsed: Rehearsed, *, workers: int = 2, tell: Tell = lambda _: None) -> list[Attempt]:
    """Verify every set as it is; return what was found of each."""
    trying = _Trying(rehearsed, comparing=False)

    def attempt(name: str) -> Attempt:
        done = trying.healthy(name)
        tell(done)
        return done

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(attempt, rehearsed.record.sets))


class _Trying:
    """Makes copies, injects and verifies."""

    def __init__(self, rehearsed: Rehearsed, *, comparing: bool) -> None:
        self._rehearsed = rehearsed
        self._comparing = comparing
        self._sources = rehearsed.sources

    def healthy(self, name: str) -> Attempt:
        """Verify a set as it is, to every moment on record: nothing may be found."""
        started = time.monotonic()
        with self._copied(name) as scene:
            report = self._verified(scene, Request(only=name, expected_record=scene.noted))
        clean = report.verdict is Verdict.PROVEN
        return Attempt(
            id=name,
            kind=HEALTHY,
            field="nothing has befallen it",
            outcome=Outcome.CLEAN if clean else Outcome.FALSE_ALARM,
            findings=_named(report),
            said=str(report.findings[0]) if report.findings else "",
            seconds=time.monotonic() - started,
        )

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
        victim = self._rehearsed.victim(fault.kind)
        if victim is None:
            return Outcome.NOT_TRIED, (), self._rehearsed.lack(fault.kind)
        try:
            with self._copied(victim) as scene:
                aim = (scene.first if fault.aim == "first" else scene.last).id
                fault.inject(scene)
                request = Request(only=victim, backup=aim, moment=fault.moment, expected_record=scene.noted)
                if not scene.home.is_dir():
                    request = Request(expected_record=scene.noted)
                report = self._verified(scene, request)
                if self._comparing:
                    opinions |= self._opinions(scene, aim, report)
        except DrillError as error:
            return Outcome.NOT_TRIED, (), str(error)
        found = _named(report)
        named = [finding for finding in report.findings if finding.id in fault.named_by]
        if report.verdict is Verdict.PROVEN or not named:
            return Outcome.MISSED, found, str(report.findings[0]) if report.findings else "it passed for proven"
        touched = any(each.touched for each in report.restorations)
        return (Outcome.CAUGHT if touched else Outcome.REFUSED), found, str(named[0])

    def _opinions(self, scene: Scene, aim: str, report: Report) -> dict[str, Opinion]:
        return rivals.opinions(
            Sight(
                directory=scene.home / aim,
                whole=self._sources.repository / scene.set / aim,
                found=_named(report),
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


def _named(report: Report) -> tuple[str, ...]:
    return tuple(dict.fromkeys(finding.id for finding in report.findings))
