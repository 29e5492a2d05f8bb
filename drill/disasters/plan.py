"""The document's plan, carried out: assess, notify the team, recover, verify, tell the users."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from drill.commands.runbook import Runbook
from drill.disasters.assessment import Impact, assess
from drill.disasters.estate import Estate
from drill.disasters.execution import execute
from drill.disasters.timeline import BEGINNINGS, ENDS, Milestone, Timeline
from drill.evidence.attachments import attach_json
from drill.evidence.journal import Kind
from drill.notifications import Delivery, Messenger
from drill.policy.notification import Audience
from drill.progress import tell
from drill.recoveries.moments import END
from drill.recoveries.recovery import Recovery
from drill.sites import Site

WORKERS = max(len(os.sched_getaffinity(0)), 2)
"""Pieces of work at once: as many as there are processors, and two where there is one, as each waits now and then.

With more of them, what nothing waits for takes from what everything waits for. On 2 idle processors the whole estate
took 1.06 s with 2 of them and with 3; in containers 1.54 with 2, and 1.60 with 3.
"""


@dataclass(frozen=True, slots=True)
class Disaster:
    """What has happened, as far as those know who declare it.

    Attributes:
        what: in a few words.
        hit: the systems that have to be recovered.
        recover_to: the moment to recover to, for those systems that are not to come back as they were last.
        clean_until: what was backed up later is not to be trusted.
    """

    what: str
    hit: tuple[str, ...]
    recover_to: Mapping[str, str] = field(default_factory=dict)
    clean_until: datetime | None = None

    @classmethod
    def strike(cls, what: str, estate: Estate, hit: Iterable[str]) -> Disaster:
        """Lose systems at once, with their disks, and return the disaster that this is."""
        disaster = cls(what, tuple(hit))
        for name in disaster.hit:
            estate[name].store.lose()
        return disaster


@dataclass(frozen=True, slots=True)
class Handling:
    """What came of a disaster.

    Attributes:
        disaster: what had happened.
        timeline: what was done when.
        impacts: what the assessment found, system by system, those too that were not hit.
        recoveries: of the systems whose recovery was begun.
        deliveries: what came of every message.
        ended: when the recovery was over, whatever it came to, counted from the declaration.
    """

    disaster: Disaster
    timeline: Timeline
    impacts: Mapping[str, Impact]
    recoveries: Mapping[str, Recovery]
    deliveries: tuple[Delivery, ...]
    ended: timedelta

    @property
    def targets(self) -> Mapping[str, str]:
        """The moments that systems were recovered to, where that is not as they were last."""
        return _targets(self.disaster, self.impacts)

    @property
    def recovered(self) -> tuple[str, ...]:
        """The systems that answer correctly again, in the order in which they were done."""
        return tuple(
            name for name in self.disaster.hit if name in self.recoveries and self.recoveries[name].has_answered
        )


def handle(
    disaster: Disaster,
    estate: Estate,
    *,
    runbook: Runbook,
    messenger: Messenger,
    site: Site | None = None,
    workers: int = WORKERS,
) -> Handling:
    """Carry out the five steps of the plan; whatever fails is told, and the rest goes on.

    Args:
        disaster: has struck already; it is declared now.
        estate: every system, the ones that were not hit too.
        runbook: whose procedures recover.
        messenger: tells people; the recovery does not wait for it.
        site: the other site, where the copies are that have outlived this one.
        workers: how many systems are assessed, and recovered, at once.
    """
    timeline = Timeline(disaster.what, journal=runbook.journal)
    recoveries = {name: _timed(timeline, name) for name in disaster.hit}

    def assessed(name: str) -> Impact:
        return assess(
            name,
            estate[name],
            runbook=runbook,
            clean_until=disaster.clean_until,
            recover_to=disaster.recover_to.get(name, END),
            site=site,
        )

    with ThreadPoolExecutor(workers, thread_name_prefix="assessment") as pool:
        impacts = dict(zip(estate, pool.map(assessed, estate), strict=True))
    for impact in impacts.values():
        timeline.pass_(Milestone.ASSESSED, impact.system, impact=str(impact), distrusted="; ".join(impact.distrusted))
    timeline.pass_(Milestone.ASSESSED)
    facts = _facts(disaster, timeline, impacts)
    messenger.tell("assessed", facts, told=_marker_of(timeline, {"team": Milestone.NOTIFIED}))

    begun = execute(
        recoveries,
        estate,
        impacts,
        recover_to=_targets(disaster, impacts),
        timeline=timeline,
        runbook=runbook,
        site=site,
        workers=workers,
    )
    ended = timeline.so_far
    missing = [name for name in disaster.hit if not begun.get(name)]
    if not missing:
        timeline.pass_(Milestone.VERIFIED)
    facts |= {"outcome": _outcome(missing, disaster, impacts), "took": timeline.took}
    messenger.tell("ended", facts, told=_marker_of(timeline, {"users": Milestone.COMMUNICATED}))
    deliveries = tuple(messenger.deliveries())
    _note(deliveries, disaster, runbook)
    timeline.show()
    return Handling(disaster, timeline, impacts, {name: recoveries[name] for name in begun}, deliveries, ended)


def _facts(disaster: Disaster, timeline: Timeline, impacts: Mapping[str, Impact]) -> dict[str, str]:
    return {
        "disaster": disaster.what,
        "systems": ", ".join(disaster.hit),
        "declared": f"{timeline.declared:%Y-%m-%d %H:%M UTC}",
        "impact": "; ".join(map(str, impacts.values())),
        "outcome": "",
        "took": "",
    }


def _targets(disaster: Disaster, impacts: Mapping[str, Impact]) -> dict[str, str]:
    """Return the moments to recover to: those that were asked for, or the last one that the log can still get to."""
    short = {name: each.reach.target for name, each in impacts.items() if each.reach}
    return {**disaster.recover_to, **short, **dict.fromkeys(_copied(disaster, impacts), END)}


def _copied(disaster: Disaster, impacts: Mapping[str, Impact]) -> list[str]:
    """Return the systems that come back as far as the other site had their logs at the last clean moment."""
    return [name for name in disaster.recover_to if impacts[name].is_log_away and impacts[name].as_of]


def _outcome(missing: Sequence[str], disaster: Disaster, impacts: Mapping[str, Impact]) -> str:
    """Tell what is not back, and what is back as it was earlier than it should be."""
    if missing:
        return f"Not recovered: {', '.join(missing)}"
    short = {name: f"as of {end.moment}" for name in disaster.hit if (end := impacts[name].reach)}
    short |= dict.fromkeys(_copied(disaster, impacts), "as far as the other site had its log")
    return ", ".join(["Recovered", *(f"{name} only {how}" for name, how in short.items())])


def _timed(timeline: Timeline, system: str) -> Recovery:
    """Return a recovery whose phases are milestones of the timeline."""
    begun: set[Milestone] = set()

    def mark_beginning(phase: str) -> None:
        if phase in BEGINNINGS and BEGINNINGS[phase] not in begun:
            begun.add(BEGINNINGS[phase])
            timeline.pass_(BEGINNINGS[phase], system)

    def mark_end(phase: str) -> None:
        if phase in ENDS:
            timeline.pass_(ENDS[phase], system)

    return Recovery(begun=mark_beginning, passed=mark_end)


def _marker_of(timeline: Timeline, milestones: Mapping[Audience, Milestone]) -> Callable[[Audience], None]:
    def mark(audience: Audience) -> None:
        if audience in milestones:
            timeline.pass_(milestones[audience])

    return mark


def _note(deliveries: Iterable[Delivery], disaster: Disaster, runbook: Runbook) -> None:
    """Put what came of every message into the incident log: one that was not delivered must not go unseen."""
    for each in deliveries:
        runbook.journal.event(
            Kind.INCIDENT, disaster=disaster.what, message=each.subject, **asdict(each) | {"to": ", ".join(each.to)}
        )
        if not each.delivered:
            tell(f"not delivered to the {each.audience}: {each.subject} ({each.reason})")
    attach_json("messages", list(deliveries))
