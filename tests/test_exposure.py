"""What a protection lost is held against what it may lose."""

from datetime import timedelta

import pytest

from drill.errors import DrillError
from drill.losses.exposure import DISK_LOST, Exposure
from drill.losses.ledger import Loss
from drill.losses.protection import PROTECTIONS, protection

SECOND = timedelta(seconds=1)
NOTHING = Loss(window=timedelta(0), missing=0, acknowledged=10, holes=(), invented=(), oldest=None)
ONE_SECOND = Loss(window=SECOND, missing=3, acknowledged=10, holes=(), invented=(), oldest=7)
A_HOLE = Loss(window=timedelta(milliseconds=1), missing=1, acknowledged=10, holes=(4,), invented=(), oldest=4)
AN_INVENTION = Loss(window=timedelta(0), missing=0, acknowledged=10, holes=(), invented=(99,), oldest=None)


@pytest.mark.parametrize(
    ("loss", "worst", "within"),
    [
        (NOTHING, timedelta(0), True),
        (ONE_SECOND, SECOND, True),
        (ONE_SECOND, SECOND / 2, False),
        (A_HOLE, SECOND, False),
        (AN_INVENTION, SECOND, False),
    ],
)
def test_a_loss_is_within_what_may_be_lost_and_has_neither_holes_nor_inventions(loss, worst, within):
    assert within == Exposure("a protection", DISK_LOST, 2500.0, loss, worst, 3).within


@pytest.mark.parametrize(("secured", "within"), [(7, True), (8, False), (0, False)])
def test_what_was_secured_may_not_be_missing_however_little_time_it_is(secured, within):
    assert within == Exposure("a protection", DISK_LOST, 2500.0, ONE_SECOND, timedelta(days=1), secured).within


def test_a_file_flushed_at_every_write_may_lose_nothing_and_one_flushed_every_second_a_little():
    kept = {name: each.kept for name, each in PROTECTIONS.items() if each.procedure == "redis-appendonly"}

    assert [timedelta(seconds=2), timedelta(0), timedelta(0)] == list(kept.values())


def test_an_unknown_protection_is_an_error_that_names_the_known_ones():
    with pytest.raises(DrillError, match="no protection 'hope'; use one of snapshots copied as a replica would; "):
        protection("hope")
