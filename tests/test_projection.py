"""What a measurement means in production."""

from datetime import timedelta

import pytest

from drill.errors import DrillError
from drill.projection import worst_loss
from tests.procedures import SHIPPED


def test_the_worst_loss_is_the_longest_gap_between_backups_and_the_time_that_one_takes():
    loss = worst_loss(SHIPPED, "redis", backup_takes=timedelta(minutes=4))

    assert timedelta(minutes=15) + timedelta(minutes=4) == loss


def test_without_a_schedule_there_is_no_worst_case():
    unscheduled = SHIPPED.model_copy(update={"schedule": ()})

    with pytest.raises(DrillError, match=r"no backup of redis is scheduled; add a .*schedule.* entry"):
        worst_loss(unscheduled, "redis", backup_takes=timedelta(0))
