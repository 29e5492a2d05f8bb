"""What people do to a schedule that no longer keeps what the policy promises."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import MappingProxyType

from drill.errors import DrillError
from drill.policy import Policy, Schedule

NO_LOG = MappingProxyType({"archive": None, "archive_timeout": None, "receive": None, "receiver_restart": None})


def _changed(policy: Policy, change: Callable[[Schedule], Schedule | None]) -> Policy:
    return policy.with_schedule(changed for entry in policy.schedule if (changed := change(entry)))


def _without_added(policy: Policy) -> Policy:
    return _changed(policy, lambda entry: entry if entry.origin == "document" else None)


def _without_log(policy: Policy) -> Policy:
    procedures = {name: facts.model_copy(update=dict(NO_LOG)) for name, facts in policy.procedures.items()}
    return policy.model_copy(update={"procedures": procedures})


def _without_time_limits(policy: Policy) -> Policy:
    longest = {"time_limit": policy.backup.duration}
    procedures = {name: facts.model_copy(update=longest) for name, facts in policy.procedures.items()}
    return policy.model_copy(update={"procedures": procedures})


def _weekly(policy: Policy) -> Policy:
    return _changed(policy, lambda entry: entry.model_copy(update={"cron": "0 2 * * SUN", "frequency": "weekly"}))


def _without_full(policy: Policy) -> Policy:
    physical = {"postgres-physical"}
    return _changed(policy, lambda entry: None if entry.procedure in physical and entry.action == "backup" else entry)


def _without(action: str) -> Callable[[Policy], Policy]:
    return lambda policy: _changed(policy, lambda entry: None if entry.action == action else entry)


def _without_routine(name: str) -> Callable[[Policy], Policy]:
    return lambda policy: policy.with_routines(each for each in policy.routines if each.name != name)


def due_on_the_last_day(policy: Policy) -> Policy:
    """Return the policy with a backup on the last day of every month, which not every scheduler knows."""
    return policy.with_schedule([*policy.schedule, policy.schedule[0].model_copy(update={"cron": "0 23 L * *"})])


def _of_cache(cron: str) -> Callable[[Policy], Policy]:
    added = {"procedure": "redis", "cron": cron, "origin": "added"}
    return lambda policy: policy.with_schedule([*policy.schedule, policy.schedule[0].model_copy(update=added)])


def _secret_in(place: str) -> Callable[[Policy], Policy]:
    def hide(policy: Policy) -> Policy:
        secrets = (*policy.host.secrets, place)
        return policy.model_copy(update={"host": policy.host.model_copy(update={"secrets": secrets})})

    return hide


def _in_berlin(policy: Policy) -> Policy:
    moved = {"cron": "30 2 * * *", "time_zone": "Europe/Berlin"}
    return policy.with_schedule([policy.schedule[0].model_copy(update=moved), *policy.schedule[1:]])


SLIPS: dict[str, Callable[[Policy], Policy]] = {
    "what was added to the document is left out": _without_added,
    "the log of writes is no longer kept": _without_log,
    "a backup may take as long as the document allows": _without_time_limits,
    "everything runs once a week": _weekly,
    "full backups are forgotten beside the increments": _without_full,
    "nothing removes old backups": _without("prune"),
    "nothing reads stored backups again": _without("verify"),
    "nobody drills": _without_routine("drill"),
    "nobody reports": _without_routine("report"),
    "the log is not copied to the other site": _without("copy-log"),
    "copies are locked for a day only": lambda policy: policy.with_offsite(lock_term=timedelta(days=1)),
    "copies are locked, but not against administrators": lambda policy: policy.with_offsite(lock_mode="governance"),
    "two backups of the cache begin at the same moment": _of_cache("0 2 * * *"),
    "a secret is kept among the logs": _secret_in("var/log/counting"),
    "the nightly backup is put where clocks are changed": _in_berlin,
}
"""Each by what a person would call it."""


def slipped(policy: Policy, slip: str) -> Policy:
    """Return the policy after a slip.

    Raises:
        DrillError: there is none of that name.
    """
    if slip not in SLIPS:
        raise DrillError(f"no slip {slip!r}", remedy=f"use one of {'; '.join(SLIPS)}")
    return SLIPS[slip](policy)
