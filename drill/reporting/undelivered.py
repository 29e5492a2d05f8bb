"""Messages of disaster drills that did not get there: whom they were for, why, how often and when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drill.reporting.reading import Event, Record
from drill.reporting.runs import Ran
from drill.reporting.summary import Undelivered

MOST = 40
"""Of more, the newest are shown."""


def undelivered(runs: Sequence[Ran]) -> dict[str, Any]:
    """Return the messages that were not delivered, those that are alike together, and how many are left out.

    Args:
        runs: that count, the oldest first.
    """
    alike: dict[tuple[str, ...], list[tuple[Event, Record]]] = {}
    for run in runs:
        for event in run.log.undelivered:
            alike.setdefault(_facts(event), []).append((event, run.record))
    newest_first = sorted(alike.items(), key=lambda item: (item[1][-1][0].at, item[0]), reverse=True)
    return {
        "undelivered": tuple(_told(facts, found) for facts, found in newest_first[:MOST]),
        "undelivered_left_out": sum(len(found) for _, found in newest_first[MOST:]),
    }


def _facts(event: Event) -> tuple[str, ...]:
    told = (event.disaster, event.audience, event.when, event.to, event.subject, event.reason)
    return (event.scenario, *(str(each or "") for each in told))


def _told(facts: tuple[str, ...], found: Sequence[tuple[Event, Record]]) -> Undelivered:
    scenario, disaster, audience, when, to, subject, reason = facts
    (first, first_record), (last, last_record) = found[0], found[-1]
    return Undelivered(
        scenario=scenario,
        disaster=disaster,
        audience=audience,
        when=when,
        to=tuple(filter(None, to.split(", "))),
        subject=subject,
        reason=reason,
        times=len(found),
        first=first.at,
        first_run=first_record.id,
        last=last.at,
        last_run=last_record.id,
    )
