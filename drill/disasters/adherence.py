"""How far a disaster was handled as the document's plan has it: each step as a part of one, judged from outside."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from drill.commands.runbook import DONE
from drill.disasters.estate import Estate
from drill.disasters.plan import Handling
from drill.disasters.timeline import Milestone
from drill.notifications import Delivery
from drill.notifications.receivers import Received
from drill.policy import Policy
from drill.policy.notification import Audience
from drill.policy.quantity import duration_text
from drill.recoveries.moments import END

ASSESSMENT, NOTIFICATION, EXECUTION, VERIFICATION, COMMUNICATION = STEPS = (
    "Incident Assessment",
    "Team Notification",
    "Recovery Execution",
    "System Verification",
    "User Communication",
)
"""The document's five steps, under its own names."""

OF_ALL = (
    Milestone.DECLARED,
    Milestone.ASSESSED,
    Milestone.NOTIFIED,
    Milestone.VERIFIED,
    Milestone.COMMUNICATED,
)
"""The moments of a disaster as a whole, where every system came back."""
OF_EACH = (Milestone.ASSESSED, Milestone.PROVISIONED, Milestone.RESTORING, Milestone.RESTORED, Milestone.VERIFIED)
"""The moments of every system that came back."""
ONTO_IT = (Milestone.RESTORING, Milestone.RESTORED)
"""What happens on a new system, and not before there is one."""


@dataclass(frozen=True, slots=True)
class Adherence:
    """How far one step was taken.

    Attributes:
        demanded: what had to be done.
        missed: what of it was not done, or too late.
    """

    demanded: int
    missed: tuple[str, ...]

    @property
    def share(self) -> float:
        """The part that was done; where nothing was demanded, nothing was."""
        return (self.demanded - len(self.missed)) / self.demanded if self.demanded else 0.0


def adherence(
    handling: Handling, estate: Estate, *, policy: Policy, received: Mapping[Audience, Sequence[Received]]
) -> dict[str, Adherence]:
    """Judge the five steps: by the timeline, the commands that were run, and what the receivers hold.

    Args:
        handling: what was done.
        estate: the systems.
        policy: says what had to be done.
        received: what has arrived where the team and the users are told, the first one first.
    """
    hit = handling.disaster.hit
    return {
        ASSESSMENT: _of(hit, [name for name in hit if not _assessed_first(handling, name)]),
        NOTIFICATION: _told(handling, policy, "team", received["team"]),
        EXECUTION: _of(hit, [name for name in hit if not _executed(handling, estate, policy, name)]),
        VERIFICATION: _of(hit, [name for name in hit if not _verified_first(handling, name)]),
        COMMUNICATION: _told(handling, policy, "users", received["users"]),
    }


def unpassed(handling: Handling, estate: Estate) -> list[str]:
    """Return the moments that the timeline of a disaster without any loss in the end has to tell of, and does not."""
    moments: list[tuple[Milestone, str | None]] = [(each, None) for each in OF_ALL]
    for name in handling.disaster.hit:
        moments += [(each, name) for each in OF_EACH]
        moments += [(Milestone.FETCHED, name)] if handling.impacts[name].is_away else []
        moments += [(Milestone.REPLAYED, name)] if estate[name].store.replays else []
    return [
        f"{system or 'all'} {moment}" for moment, system in moments if handling.timeline.moment(moment, system) is None
    ]


def _of(demanded: Collection[str], missed: Sequence[str]) -> Adherence:
    return Adherence(len(demanded), tuple(missed))


def _assessed_first(handling: Handling, name: str) -> bool:
    timeline = handling.timeline
    if timeline.moment(Milestone.PROVISIONED, name) is None:
        return timeline.moment(Milestone.ASSESSED, name) is not None
    return timeline.came_before((Milestone.ASSESSED, name), (Milestone.PROVISIONED, name))


def _verified_first(handling: Handling, name: str) -> bool:
    return handling.timeline.came_before((Milestone.VERIFIED, name), (Milestone.COMMUNICATED, None))


def _executed(handling: Handling, estate: Estate, policy: Policy, name: str) -> bool:
    """Tell whether the command ran as it is written, on a new system, and after what the policy puts before it."""
    recovery = handling.recoveries.get(name)
    if recovery is None or recovery.outcome.status != DONE:
        return False
    facts = {
        "backup_id": handling.impacts[name].restore_point or "",
        "target": estate[name].store.environment().get("RESTORE_TARGET", ""),
        "recovery_target": handling.targets.get(name, END),
    }
    written = policy.procedures[name].argv("restore", facts)
    steps = {step.procedure: step.after for step in policy.recovery}
    came_before = handling.timeline.came_before
    on_new = all(came_before((Milestone.PROVISIONED, name), (then, name)) for then in ONTO_IT)
    in_order = all(
        came_before((Milestone.VERIFIED, needed), (Milestone.RESTORING, name))
        for needed in steps[name]
        if needed in handling.disaster.hit
    )
    return list(recovery.outcome.command) == written and on_new and in_order


def _told(handling: Handling, policy: Policy, audience: Audience, received: Sequence[Received]) -> Adherence:
    """Hold what arrived against what the policy promises, not against what the sender believes to have sent."""
    promised = [each for each in policy.notifications if each.audience == audience]
    sent = [each for each in handling.deliveries if each.audience == audience]
    arrived = {each.subject: handling.timeline.since_declared(each.arrived) for each in reversed(received)}
    missed = [problem for each in sent if (problem := _problem(each, arrived.get(each.subject), handling.ended))]
    missed += ["never sent"] * (len(promised) - len(sent))
    return Adherence(len(promised), tuple(missed))


def _problem(sent: Delivery, arrived: timedelta | None, ended: timedelta) -> str:
    """Return why a message has told nobody, or nothing.

    A team that hears of a disaster when it is over was not notified. Users are told at the end by the document's order.
    """
    if arrived is None:
        return sent.subject
    if (sent.audience, sent.when) == ("team", "assessed") and arrived > ended:
        return (
            f"{sent.subject}: it arrived after {duration_text(arrived)}, and the recovery was over after "
            f"{duration_text(ended)}"
        )
    return ""
