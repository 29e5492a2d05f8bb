"""What a measurement means in production."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from drill.errors import DrillError
from drill.policy import Policy
from drill.policy.quantity import duration_text


@dataclass(frozen=True, slots=True)
class WorstLoss:
    """How much acknowledged work can be lost at worst, and what that is the sum of."""

    window: timedelta
    because: str

    def __str__(self) -> str:
        return f"at worst {duration_text(self.window)} of acknowledged writes are lost: {self.because}"


def worst_loss(
    policy: Policy, procedure: str, *, backup_takes: timedelta, delay: timedelta = timedelta(0)
) -> WorstLoss:
    """Return how much a procedure can lose at worst: the disaster strikes at the most unfortunate moment.

    - Where the log is streamed, that is while the receiver is being started again, plus its delay.
    - Where the log is archived, just before the server would have sent a segment away because of its age, plus the
      time that archiving one takes.
    - Otherwise just before the next backup would have been complete: that backup would have caught what was written
      before it began, so the loss is the schedule's longest gap and the time that a backup takes.

    Args:
        policy: its schedule and time limits.
        procedure: by which the data is protected.
        backup_takes: how long a backup takes.
        delay: how far the kept log was seen to lag behind.

    Raises:
        DrillError: no backup is scheduled, so there is no worst case.
    """
    facts = policy.procedures[procedure]
    gap = policy.longest_gap(procedure, "backup", "incremental")
    if gap is None:
        raise DrillError(f"no backup of {procedure} is scheduled", remedy="add a [[schedule]] entry to policy.toml")
    if facts.receiver_restart is not None:
        because = f"{duration_text(facts.receiver_restart)} until a dead receiver is back{_delay(delay)}"
        return WorstLoss(facts.receiver_restart + delay, because)
    if facts.archive_timeout is not None:
        because = f"{duration_text(facts.archive_timeout)} until the server sends a segment away{_delay(delay)}"
        return WorstLoss(facts.archive_timeout + delay, because)
    because = f"{duration_text(gap)} between two backups, {duration_text(backup_takes)} for one"
    return WorstLoss(gap + backup_takes, because)


def worst_site_loss(
    policy: Policy, procedure: str, *, backup_takes: timedelta, copy_takes: timedelta
) -> WorstLoss | None:
    """Return how much is lost at worst where the backups and the log that are kept here are lost, too.

    - Where the streamed log is copied to the other site, just before a copy would have arrived, with the receiver dead
      since a moment ago.
    - Where the archived log is copied, just before the copy of a segment would have arrived that the server sends away
      because of its age.
    - Otherwise just before the copy of the next backup would have arrived.

    Args:
        policy: its schedule and time limits.
        procedure: by which the data is protected.
        backup_takes: how long a backup takes.
        copy_takes: how long a copy to the other site takes.

    Returns:
        None where nothing of it is copied, or no backup is scheduled.
    """
    facts = policy.procedures[procedure]
    backups, copies = policy.longest_gap(procedure, "backup", "incremental"), policy.longest_gap(procedure, "copy")
    log = policy.longest_gap(procedure, "copy-log")
    if backups is None or copies is None:
        return None
    taking = f"{duration_text(copy_takes)} for one"
    if facts.receiver_restart is not None and log is not None:
        because = f"{duration_text(facts.receiver_restart)} until a dead receiver is back, {duration_text(log)} "
        return WorstLoss(facts.receiver_restart + log + copy_takes, f"{because}between two copies of the log, {taking}")
    if facts.archive_timeout is not None and log is not None:
        because = f"{duration_text(facts.archive_timeout)} until the server sends a segment away, {duration_text(log)} "
        return WorstLoss(facts.archive_timeout + log + copy_takes, f"{because}between two copies of the log, {taking}")
    because = f"{duration_text(backups)} between two backups, {duration_text(backup_takes)} for one, "
    return WorstLoss(
        backups + backup_takes + copies + copy_takes, f"{because}{duration_text(copies)} between two copies, {taking}"
    )


def _delay(delay: timedelta) -> str:
    return f", {duration_text(delay)} until it has arrived" if delay else ""
