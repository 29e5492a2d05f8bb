"""What backups take of the storage, and when it will be full."""

from datetime import timedelta

import pytest

from drill import inventory
from drill.inventory.storage import Storage, storage
from tests.repositories import FILES, LAST_NIGHT, written

DAY = timedelta(days=1)
SIZE = sum(map(len, FILES.values()))


@pytest.fixture
def week(tmp_path):
    return [written(tmp_path / "redis", finished=LAST_NIGHT + day * DAY, source_bytes=2 * SIZE) for day in range(8)]


def measured(tmp_path) -> Storage:
    (found,) = inventory.take(tmp_path, now=LAST_NIGHT + 10 * DAY).sets
    return storage(found, free_bytes=80 * SIZE)


def test_a_week_of_backups(tmp_path, week):
    room = measured(tmp_path)

    assert (8, 1.0, 8 * SIZE, 0.5) == (room.backups, room.recorded_share, room.stored_bytes, room.ratio)
    assert pytest.approx(8 * SIZE / 7) == room.growth_per_day
    assert 70 * DAY == room.full_in()
    assert pytest.approx(30 * 8 * SIZE / 7) == room.at_end_of(30 * DAY)
    assert pytest.approx(70) == room.figures(30 * DAY)["full_in_days"]


@pytest.mark.parametrize("what", ["cut off", "grown", "gone", "one more", "no manifest"])
def test_a_size_that_is_not_on_record_is_noticed(tmp_path, week, what):
    directory = week[3].directory
    match what:
        case "cut off":
            (directory / "small").write_bytes(b"smal")
        case "grown":
            (directory / "small").write_bytes(b"smaller")
        case "gone":
            (directory / "small").unlink()
        case "one more":
            (directory / "other").write_bytes(b"")
        case _:
            (directory / "manifest.json").unlink()

    assert 7 / 8 == measured(tmp_path).recorded_share


def test_nothing_is_said_of_growth_and_ratio_where_nothing_is_known(tmp_path):
    written(tmp_path / "redis", source_bytes=0)
    room = measured(tmp_path)

    assert (None, None, None, None) == (room.growth_per_day, room.ratio, room.full_in(), room.at_end_of(DAY))


def test_a_disk_that_lasts_longer_than_a_duration_can_say():
    assert timedelta.max.days == Storage(1, 1, 1, 1, 0.001, free_bytes=10**13).full_in().days


def test_nothing_is_recorded_of_no_backups():
    assert 0.0 == Storage(0, 0, 0, 0, None, 1).recorded_share
