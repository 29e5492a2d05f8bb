"""Promises that the schedule cannot keep: of loss, of intervals, of restore points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from drill.consistency.contradiction import Contradiction
from drill.consistency.durations import Takings
from drill.consistency.standing import Standing, best, by_store, standings
from drill.losses.worst_loss import worst_site_loss
from drill.policy import Comparison, Criterion, Policy
from drill.policy.quantity import duration_text
from drill.policy.schedule import FREQUENCIES

DOCUMENT, COMPLIANCE = "document", "compliance"
CLOCK_PUT_BACK = timedelta(hours=1)
"""A day may be so much longer once a year; the document's words do not mean that."""


def loss_by_the_document(policy: Policy, takings: Takings) -> Iterator[Contradiction]:
    """Find classes of data that the document's own schedule, without what was added, does not keep.

    Where no procedure carries the document's words out, its words are taken: an interval, and the duration it allows.
    """
    written = policy.with_schedule(entry for entry in policy.schedule if entry.origin == DOCUMENT)
    whole = by_store(standings(policy, takings))
    for store, found in by_store(standings(written, takings)).items():
        least = best(found)
        if least is None or least.loss is None or least.keeps:
            continue
        added = best(whole[store])
        yield Contradiction(
            "document-loss",
            store,
            (*_entries(written, policy, found), f"data.{least.data}.rpo", *_cited(policy, least.data)),
            f"by the document's own schedule {least.loss}; less than {duration_text(least.promised)} is promised",
            f"keep what was added: {added.procedure} loses {duration_text(added.loss.window)} at worst"
            if added and added.loss and added.keeps
            else "back up more often than that, or keep the log of writes",
        )
    for data, facts in policy.data.items():
        for criterion in _intervals(policy, "backup", data):
            window = _interval(criterion) + policy.backup.duration
            if policy.procedures_protecting(data) or window < facts.rpo:
                continue
            yield Contradiction(
                "document-loss",
                data,
                (criterion.id, "backup.duration", f"data.{data}.rpo"),
                f"the document backs it up every {duration_text(_interval(criterion))} and allows "
                f"{duration_text(policy.backup.duration)} for a backup, so that {duration_text(window)} can be lost; "
                f"less than {duration_text(facts.rpo)} is promised",
                "back it up more often than the document has it, and say so with origin = 'added'",
            )


def loss(policy: Policy, takings: Takings) -> Iterator[Contradiction]:
    """Find data that no procedure keeps within its promise, although some are there for it."""
    for store, found in by_store(standings(policy, takings)).items():
        least = best(found)
        names = ", ".join(each.procedure for each in found)
        promised = f"less than {duration_text(found[0].promised)} is promised"
        where = (*_entries(policy, policy, found), f"data.{found[0].data}.rpo", *_cited(policy, found[0].data))
        if least is None or least.loss is None:
            remedy = f"add a [[schedule]] entry for one of: {names}"
            yield Contradiction("loss", store, where, f"no backup is scheduled, and {promised}", remedy)
        elif not least.keeps:
            how = f"a backup takes {duration_text(least.taking.time)} ({least.taking.known}: {least.taking.source})"
            yield Contradiction(
                "loss",
                store,
                where,
                f"even with {least.procedure} {least.loss}; {promised}; {how}",
                "back up more often, bound how long a backup may take (time_limit), or keep the log of writes",
            )


def loss_with_the_site(policy: Policy, takings: Takings) -> Iterator[Contradiction]:
    """Find data that is copied to the other site, and loses more than it may where all that is kept here is lost."""
    for store, found in by_store(standings(policy, takings)).items():
        losses = {
            each.procedure: lost
            for each in found
            if (
                lost := worst_site_loss(
                    policy,
                    each.procedure,
                    backup_takes=each.taking.time,
                    copy_takes=policy.time_limit(each.procedure, "copy"),
                )
            )
        }
        if not losses:
            continue
        least = min(losses, key=lambda name: losses[name].window)
        if losses[least].window >= found[0].promised:
            yield Contradiction(
                "site-loss",
                store,
                (*_copies(policy, found), f"data.{found[0].data}.rpo", *_cited(policy, found[0].data)),
                f"with the whole site lost, {losses[least]}; less than {duration_text(found[0].promised)} is promised",
                "copy more often, or copy the log of writes (action = 'copy-log')",
            )


def locks(policy: Policy) -> Iterator[Contradiction]:
    """Find copies at the other site that can be removed before their time."""
    site, promised = policy.offsite, [each.id for each in policy.criteria if each.every == "copy"]
    if site is None:
        return
    if site.lock_mode != "compliance":
        yield Contradiction(
            "lock-mode",
            "offsite",
            ("offsite.lock_mode", *promised),
            "administrators may remove a copy that is locked in governance mode"
            if site.lock_mode
            else "copies at the other site are not locked",
            'write lock_mode = "compliance"',
        )
    terms = {"offsite": ("retention.minimum", policy.retention.minimum)}
    if COMPLIANCE in policy.retention.copies:
        terms[COMPLIANCE] = (f"retention.copies.{COMPLIANCE}", policy.retention.copies[COMPLIANCE])
    for subject, (key, term) in terms.items():
        if site.lock_term < term:
            yield Contradiction(
                "lock-term",
                subject,
                ("offsite.lock_term", key, *promised),
                f"copies are locked for {duration_text(site.lock_term)} and promised for {duration_text(term)}: "
                "in between they can be removed",
                f'write lock_term = "{duration_text(term)}", or promise less',
            )


def protection(policy: Policy) -> Iterator[Contradiction]:
    """Find classes of data, and sizes of production, that no procedure is there for."""
    for data in policy.data:
        if not policy.procedures_protecting(data):
            promises = ", ".join(f"{each.id} {each.objective}" for each in _promising(policy, data))
            yield Contradiction(
                "nothing-protects",
                data,
                (f"data.{data}", *(each.id for each in _promising(policy, data))),
                f"no procedure backs it up, so nothing keeps what is promised: {promises or 'its rpo'}",
                f'add a procedure with data = "{data}" and a [[schedule]] entry for it',
            )
    for name in policy.production:
        if name not in policy.procedures:
            yield Contradiction(
                "no-procedure",
                name,
                (f"production.{name}",),
                "production holds this much of it, and no procedure of that name backs it up",
                f"add [procedures.{name}], or take the size out",
            )


def intervals(policy: Policy, takings: Takings) -> Iterator[Contradiction]:
    """Find commands that run less often than a criterion says, for data that has procedures."""
    for criterion in policy.criteria:
        if criterion.every is None:
            continue
        late: dict[str, timedelta | None] = {}
        for store, found in by_store(standings(policy, takings)).items():
            if criterion.data not in (None, found[0].data):
                continue
            gaps = [gap for each in found if (gap := policy.longest_gap(each.procedure, criterion.every))]
            shortest = min(gaps, default=None)
            if shortest is None or shortest > _interval(criterion) + CLOCK_PUT_BACK:
                late[store] = shortest
        if late:
            told = (f"{store} {f'every {duration_text(gap)}' if gap else 'never'}" for store, gap in late.items())
            yield Contradiction(
                "interval",
                criterion.id,
                (criterion.id, "schedule"),
                f"{criterion.every} is promised every {duration_text(_interval(criterion))} and scheduled for "
                + ", ".join(told),
                f'add [[schedule]] entries with action = "{criterion.every}", or correct the objective',
            )


def points(policy: Policy) -> Iterator[Contradiction]:
    """Find retention that the schedule cannot fill, and stored backups that nothing removes or reads again."""
    kept = {"daily": policy.retention.daily, "weekly": policy.retention.weekly, "monthly": policy.retention.monthly}
    for name in policy.procedures:
        gap = policy.longest_gap(name)
        if gap is None:
            continue
        if short := [word for word in kept if gap > FREQUENCIES[word]]:
            yield Contradiction(
                "too-few-points",
                name,
                tuple(f"retention.{word}" for word in short),
                f"{', '.join(f'{kept[word]} {word} points' for word in short)} are to be kept, and two backups are up "
                f"to {duration_text(gap)} apart",
                "back up at least so often, or keep other points",
            )
        if policy.prune_command(name) and not policy.scheduled(name, "prune"):
            yield Contradiction(
                "never-pruned",
                name,
                ("retention.prune", "schedule"),
                "retention has a command that removes old backups, and nothing schedules it",
                f'add a [[schedule]] entry with procedure = "{name}" and action = "prune"',
            )
        if policy.verify_command(name) and not policy.scheduled(name, "verify"):
            yield Contradiction(
                "never-verified",
                name,
                (*(each.id for each in policy.criteria if each.every == "verify"), "schedule"),
                "its stored backups could be read again, and nothing schedules it",
                f'add a [[schedule]] entry with procedure = "{name}" and action = "verify"',
            )


def _entries(shown: Policy, policy: Policy, found: Sequence[Standing]) -> list[str]:
    names = {each.procedure for each in found}
    return [
        f"schedule[{policy.schedule.index(entry) + 1}] {entry.procedure} {entry.cron!r}"
        for entry in shown.schedule
        if entry.procedure in names and entry.action == "backup"
    ]


def _copies(policy: Policy, found: Sequence[Standing]) -> list[str]:
    names = {each.procedure for each in found}
    return [
        f"schedule[{number}] {entry.procedure} {entry.action} {entry.cron!r}"
        for number, entry in enumerate(policy.schedule, 1)
        if entry.procedure in names and entry.action in ("copy", "copy-log")
    ]


def _promising(policy: Policy, data: str) -> list[Criterion]:
    return [each for each in policy.criteria if each.data == data and (each.every or _is_of_loss(each, policy))]


def _is_of_loss(criterion: Criterion, policy: Policy) -> bool:
    objective = criterion.objective
    rpo = policy.data[criterion.data].rpo if criterion.data else None
    return objective.comparison == Comparison.BELOW and objective.quantity.value == rpo


def _cited(policy: Policy, data: str) -> list[str]:
    return [each.id for each in _promising(policy, data) if each.every is None]


def _intervals(policy: Policy, action: str, data: str) -> list[Criterion]:
    return [each for each in policy.criteria if (each.every, each.data) == (action, data)]


def _interval(criterion: Criterion) -> timedelta:
    return criterion.objective.quantity.duration
