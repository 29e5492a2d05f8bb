"""Recovery execution: each target as soon as there can be one, each system once all that it comes after is back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from enum import StrEnum

from drill.commands.runbook import Outcome, Runbook
from drill.disasters.assessment import Impact, State
from drill.disasters.estate import Estate
from drill.disasters.order import in_order
from drill.disasters.timeline import Milestone, Timeline
from drill.progress import tell
from drill.recoveries.moments import END
from drill.recoveries.recovery import Recovery, provision, recover
from drill.sites import Site


class Part(StrEnum):
    """The two parts of the work on one system."""

    TARGET = "target"
    SYSTEM = "system"


Piece = tuple[Part, str]


def execute(
    recoveries: Mapping[str, Recovery],
    estate: Estate,
    impacts: Mapping[str, Impact],
    *,
    recover_to: Mapping[str, str],
    timeline: Timeline,
    runbook: Runbook,
    site: Site | None,
    workers: int,
) -> dict[str, bool]:
    """Recover systems, and return which answer correctly again; one is missing where what it waits for does not.

    A blank target needs nothing that is not back yet, so it is provisioned at once; nothing is fetched or restored for
    a system before all that it comes after has answered. What still answers, however wrongly, is left until then: it
    may be all that there is. Where it never comes to that, the target is put away.

    Args:
        recoveries: of the systems that were hit, to be timed.
        estate: every system.
        impacts: what the assessment found; where it found nothing that can be trusted, a system is left alone.
        recover_to: the moment to recover to, for those systems that are not to come back as they were last.
        timeline: is told when a system is verified.
        runbook: whose procedures recover.
        site: the other site, where the copies are that have outlived this one.
        workers: how many pieces of work are done at once.
    """
    waiting: set[str] = set()
    """Targets that nothing has been restored onto."""

    def provisioned(name: str) -> bool:
        if impacts[name].restore_point is None:
            return False  # left alone: whatever a procedure would choose by itself cannot be trusted
        store = estate[name].store
        store.lose()  # what an attacker or a mistake has left of it is not built upon
        waiting.add(name)
        provision(store, recoveries[name])
        return True

    def recovered(name: str) -> bool:
        waiting.remove(name)
        system, recovery = estate[name], recoveries[name]
        recover(
            system.store,
            recovery,
            healthy=system.good.healthy,
            backup_id=impacts[name].restore_point,
            runbook=runbook,
            target=recover_to.get(name, END),
            fetch=_fetching(name, estate, impacts[name], site=site, runbook=runbook),
        )
        if recovery.has_answered:
            timeline.pass_(Milestone.VERIFIED, name, took=recovery.took)
        return recovery.has_answered

    work = {Part.TARGET: provisioned, Part.SYSTEM: recovered}
    order = _order(recoveries, estate, impacts)
    due = {piece: runbook.policy.tiers[estate[piece[1]].tier].rto for piece in order}
    try:
        done = in_order(order, lambda piece: work[piece[0]](piece[1]), workers=workers, due=due)
    finally:
        with ExitStack() as each_of_them:
            for name in waiting:
                tell(f"putting away the blank target of {name}")
                each_of_them.callback(estate[name].store.lose)
    return {name: back for (part, name), back in done.items() if part is Part.SYSTEM}


def _order(hit: Mapping[str, Recovery], estate: Estate, impacts: Mapping[str, Impact]) -> dict[Piece, list[Piece]]:
    """Return every piece of the work, and what it comes after."""
    needed = {name: [(Part.SYSTEM, each) for each in estate[name].after] for name in hit}
    is_down = {name: impacts[name].state is State.SILENT for name in hit}
    targets = {(Part.TARGET, name): [] if is_down[name] else needed[name] for name in hit}
    return targets | {(Part.SYSTEM, name): [(Part.TARGET, name), *needed[name]] for name in hit}


def _fetching(
    name: str, estate: Estate, impact: Impact, *, site: Site | None, runbook: Runbook
) -> Callable[[], Outcome] | None:
    """Return how a system's restore point is brought here; None where it is here.

    What is here and cannot be trusted is in its way: a fetch touches nothing that it finds.
    """
    if site is None or not impact.is_away:
        return None

    def fetch() -> Outcome:
        store = estate[name].store
        if impact.distrusted:
            runbook.set_aside(store, log=impact.is_log_away)
        return runbook.fetch_from_site(store, site, impact.restore_point, as_of=impact.as_of)

    return fetch
