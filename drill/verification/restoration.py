"""Judges what came of restoring one backup to one moment into a blank target."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from drill.commands.runbook import DONE, REFUSED, WRONG_ARGUMENTS, Outcome
from drill.errors import DrillError
from drill.fingerprints import Fingerprint, differences
from drill.machines import MachineStore, readiness
from drill.machines.disk import Disk, DiskError
from drill.recoveries import soundness
from drill.recoveries.recovery import NO_ANSWER
from drill.servers.process import ServerError
from drill.stores import ClusterStore, Store
from drill.verification.finding import Finding
from drill.verification.report import Restoration
from drill.waiting import StillWaiting

SHOWN = 20
"""So many differences are told one by one."""
LAST_WORDS = 400


@dataclass(frozen=True, slots=True)
class Expected:
    """What the restored store has to hold and to answer."""

    held: Fingerprint
    answer: tuple[str, ...]


def judged(
    place: str, target: str, outcome: Outcome, expected: Expected | None, *, store: Store, flawed: bool
) -> Restoration:
    """Judge what came of a restore.

    Args:
        place: set and id of the backup that was restored.
        target: the moment that it was restored to, as the contract writes it.
        outcome: how the restore procedure ended.
        expected: what the source held then; None where nobody knows.
        store: was blank before the restore; it is used up where the restore has touched it.
        flawed: whether the catalogue has already said that the backup does not hold.
    """
    judging = _Judging(f"{place} at {target}", store, outcome)
    findings = tuple(judging.all_of(expected, flawed=flawed))
    return Restoration(
        backup=place,
        target=target,
        compared=judging.compared,
        touched=outcome.status != REFUSED,
        took=outcome.took,
        findings=findings,
    )


class _Judging:
    """Judges one outcome."""

    def __init__(self, place: str, store: Store, outcome: Outcome) -> None:
        self._place = place
        self._store = store
        self._outcome = outcome
        self.compared = False

    def all_of(self, expected: Expected | None, *, flawed: bool) -> Iterator[Finding]:
        said = self._outcome.diagnostics.strip()[-LAST_WORDS:]
        if self._outcome.status == REFUSED:
            yield self._finding("RESTORE-REFUSED", said)
            yield from self._leftovers()
        elif self._outcome.status == WRONG_ARGUMENTS:
            yield self._finding("RESTORE-MISTAKEN", said)
        elif self._outcome.status != DONE:
            yield self._finding("RESTORE-FAILED", f"exit status {self._outcome.status}: {said}")
        else:
            if flawed:
                yield self._finding("FLAW-OVERLOOKED", "it was restored although the catalogue shows that it is flawed")
            yield from self._running(expected)

    def _leftovers(self) -> Iterator[Finding]:
        # A Redis target that was blank at first may have ended; then nothing can be asked, and it was touched.
        try:
            left = self._store.leftovers()
        except NO_ANSWER as error:
            left = [str(error)]
        if left:
            yield self._finding("TARGET-TOUCHED", f"it was refused and left {', '.join(left[:5])}")

    def _running(self, expected: Expected | None) -> Iterator[Finding]:
        if isinstance(self._store, MachineStore) and (seen := list(self._on_the_disk(self._store, expected))):
            # What its disk shows is said at once: a machine that does not start is waited for for minutes.
            yield from seen
            return
        if isinstance(self._store, ClusterStore):
            yield from self._before_the_start(self._store)
        if self._store.replays:
            try:
                self._store.replay()
            except (ServerError, StillWaiting) as error:
                yield self._finding("NOT-RECOVERED", error.what[-LAST_WORDS:])
                return
        try:
            if other := self._store.leans_on():
                yield self._finding("LEANS-ON-ANOTHER", f"it answers with what it finds at {other}")
                return
            held, answer = self._content_and_answer(asked=expected is not None)
        except (*NO_ANSWER, ServerError) as error:
            yield self._finding("UNREADABLE", str(error)[:LAST_WORDS])
            return
        if isinstance(self._store, ClusterStore):
            yield from self._beside_the_rows(self._store)
        if expected is None:
            if held.rows == 0:
                yield self._finding("EMPTY", "it holds not a single row or key")
            return
        self.compared = True
        yield from self._differences(held, expected.held)
        if answer != expected.answer:
            yield self._finding("ANSWER-DIFFERS", f"{', '.join(answer)} instead of {', '.join(expected.answer)}")

    def _content_and_answer(self, *, asked: bool) -> tuple[Fingerprint, tuple[str, ...]]:
        # Both only read, each in its own way, so the first question costs nothing beside the reading of everything.
        with ThreadPoolExecutor(1) as asking:
            answering = asking.submit(self._store.health) if asked else None
            held = self._store.fingerprint()
            return held, tuple(map(repr, answering.result())) if answering else ()

    def _on_the_disk(self, store: MachineStore, expected: Expected | None) -> Iterator[Finding]:
        try:
            with Disk.unpacked(store.server.disk) as disk:
                for obstacle in readiness.obstacles(disk):
                    yield self._finding("NOT-BOOTABLE", obstacle)
                if expected and disk.is_laid_out_as_drilled:
                    held = disk.fingerprint()
                    known = {place: expected.held.contents[place] for place in held.contents}
                    yield from self._differences(held, replace(expected.held, contents=known))
        except DiskError as error:
            yield self._finding("NOT-BOOTABLE", error.what)

    def _differences(self, held: Fingerprint, expected: Fingerprint) -> Iterator[Finding]:
        # What no log knows comes back empty, and rightly so.
        unlogged = self._store.unlogged() if isinstance(self._store, ClusterStore) else frozenset()
        found = [each for each in differences(expected, held) if each.where not in unlogged]
        for each in found[:SHOWN]:
            yield self._finding("CONTENT-DIFFERS", str(each))
        if len(found) > SHOWN:
            yield self._finding("CONTENT-DIFFERS", f"and {len(found) - SHOWN} further places")

    def _before_the_start(self, store: ClusterStore) -> Iterator[Finding]:
        try:
            flaw = soundness.flaw_of_start(store.server)
        except DrillError as error:
            yield self._finding("NOT-EXAMINED", error.what[-LAST_WORDS:])
        else:
            if flaw:
                yield self._finding("LABEL-MISSING", flaw)

    def _beside_the_rows(self, store: ClusterStore) -> Iterator[Finding]:
        if store.is_archiving():
            yield self._finding("STILL-ARCHIVING", "the restored server sends its log somewhere")
        try:
            for damage in soundness.damages(store.server):
                yield self._finding("DAMAGED", f"{damage.id}: {damage.where}: {damage.what}")
        except ServerError as error:
            yield self._finding("NOT-RECOVERED", error.what[-LAST_WORDS:])
        except DrillError as error:
            yield self._finding("NOT-EXAMINED", error.what[-LAST_WORDS:])

    def _finding(self, identifier: str, what: str) -> Finding:
        return Finding(identifier, self._place, what)
