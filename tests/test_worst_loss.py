"""What a measurement means in production."""

from datetime import timedelta

import pytest

from drill.errors import DrillError
from drill.losses.worst_loss import worst_loss
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
