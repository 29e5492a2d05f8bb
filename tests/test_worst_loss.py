"""What a measurement means in production."""

from datetime import timedelta

import pytest

from drill.errors import DrillError
from drill.losses.worst_loss import worst_loss, worst_site_loss
from tests.procedures import SHIPPED

HOURS = timedelta(hours=3)


def test_the_worst_loss_is_the_longest_gap_between_backups_and_the_time_that_one_takes():
    loss = worst_loss(SHIPPED, "redis", backup_takes=timedelta(minutes=4))

    assert timedelta(minutes=15) + timedelta(minutes=4) == loss.window
    assert "at worst 19 min of acknowledged writes are lost: 15 min between two backups, 4 min for one" == str(loss)


def test_an_archived_log_loses_what_waits_for_its_segment():
    loss = worst_loss(SHIPPED, "postgres-physical", backup_takes=HOURS, delay=timedelta(seconds=3))

    assert timedelta(minutes=5, seconds=3) == loss.window
    assert "5 min until the server sends a segment away, 3 s until it has arrived" == loss.because


def test_a_streamed_log_loses_what_comes_while_its_receiver_is_away():
    loss = worst_loss(SHIPPED, "postgres-streaming", backup_takes=HOURS)

    assert (timedelta(minutes=1), "1 min until a dead receiver is back") == (loss.window, loss.because)


def test_without_a_schedule_there_is_no_worst_case():
    unscheduled = SHIPPED.model_copy(update={"schedule": ()})

    with pytest.raises(DrillError, match=r"no backup of redis is scheduled; add a .*schedule.* entry"):
        worst_loss(unscheduled, "redis", backup_takes=timedelta(0))


MINUTE = timedelta(minutes=1)


def with_the_site(procedure, policy=SHIPPED):
    return worst_site_loss(policy, procedure, backup_takes=20 * MINUTE, copy_takes=10 * MINUTE)


def test_a_copied_log_loses_what_had_not_arrived():
    loss = with_the_site("postgres-physical")

    assert 5 * MINUTE + 5 * MINUTE + 10 * MINUTE == loss.window
    assert (
        "5 min until the server sends a segment away, 5 min between two copies of the log, 10 min for one"
        == loss.because
    )


def test_where_no_log_is_copied_what_came_after_the_last_copied_backup_is_lost():
    loss = with_the_site("redis")

    assert timedelta(minutes=15 + 20 + 10, days=1) == loss.window
    assert "15 min between two backups, 20 min for one, 1 d between two copies, 10 min for one" == loss.because


def test_what_is_not_copied_or_not_backed_up_has_no_worst_case():
    without = SHIPPED.with_schedule(entry for entry in SHIPPED.schedule if entry.action != "copy")

    assert None is with_the_site("postgres-physical", without)
    assert None is with_the_site("redis-bgsave")
