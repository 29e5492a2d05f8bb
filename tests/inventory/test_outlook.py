"""Whether a repository's file system lasts, and what the command says of it."""

import json
import re
import shutil
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from drill import inventory
from drill.backups.catalogue import contents
from drill.cli import app
from drill.evidence.verdict import Verdict
from drill.inventory.outlook import Outlook
from drill.inventory.storage import Storage, storage
from drill.policy.storage import StoragePrice
from tests.procedures import SHIPPED
from tests.repositories import FILES, LAST_NIGHT, written

DAY = timedelta(days=1)
SIZE = sum(map(len, FILES.values()))
TERM = 30 * DAY
PRICE = StoragePrice(price_per_gb_month=0.5, currency="EUR")


def of(growth, *, stored=10**9):
    return Storage(1, 1, stored, 2 * stored, growth, free_bytes=3000)


def ahead(free=3000, **sets):
    return Outlook(sets, free, TERM, PRICE)


@pytest.fixture
def week(tmp_path):
    for day in range(8):
        written(tmp_path / "redis", finished=LAST_NIGHT + day * DAY, source_bytes=2 * SIZE)
    return tmp_path


@pytest.fixture
def crowded(tmp_path):
    """A week of backups that state a twentieth of what is free each."""
    free = shutil.disk_usage(tmp_path).free
    for day in range(8):
        written(tmp_path / "redis", finished=LAST_NIGHT + day * DAY, stored_bytes=free // 20)
    return tmp_path


def told(repository, *further):
    return CliRunner().invoke(app, ["storage", str(repository), "--policy", str(SHIPPED.file), *further])


@pytest.mark.parametrize(
    ("growths", "verdict"),
    [
        ({"a": 60.0, "b": 40.0}, Verdict.PROVEN),
        ({"a": 60.0, "b": 41.0}, Verdict.DISPROVEN),
        ({"a": 60.0, "b": None}, Verdict.UNPROVEN),
        ({"a": 101.0, "b": None}, Verdict.DISPROVEN),
        ({"a": None}, Verdict.UNPROVEN),
        ({"a": 0.0}, Verdict.PROVEN),
        ({}, Verdict.UNPROVEN),
    ],
)
def test_sets_fill_the_file_system_together(growths, verdict):
    assert verdict == ahead(**{name: of(growth) for name, growth in growths.items()}).verdict


def test_all_of_it_costs_what_the_policy_says():
    figures = ahead(a=of(10.0), b=of(20.0)).as_json()

    assert (0.5, 1.0) == (figures["sets"]["a"]["cost_per_month"], figures["total"]["cost_per_month"])
    assert 900 == figures["total"]["bytes_at_end_of_term"]
    assert 100 == figures["total"]["full_in_days"]


def test_the_log_takes_room_and_grows(week):
    (week / "redis" / "wal").mkdir()
    (week / "redis" / "wal" / f"{1:08X}{0:08X}{1:08X}").write_bytes(bytes(7 * SIZE))
    (found,) = inventory.take(week, now=LAST_NIGHT + 10 * DAY).sets
    room = storage(found, free_bytes=1)

    assert (8 * SIZE, 7 * SIZE, 15 * SIZE) == (room.stored_bytes, room.log_bytes, room.held_bytes)
    assert pytest.approx(15 * SIZE / 7) == room.growth_per_day


def test_a_file_system_that_lasts(week):
    before = contents(week)
    said = told(week)

    assert 0 == said.exit_code
    assert "days if it grows on and nothing is removed." in " ".join(said.output.split())
    assert "WARNING" not in said.output
    assert before == contents(week)


def test_one_that_is_full_before_the_term_is_over(crowded):
    said = told(crowded)

    assert 1 == said.exit_code
    assert re.search(r"full in 1[678] days", said.output)  # 17.5; others write there, too
    assert "WARNING" in said.output


def test_a_repository_that_is_too_young_leaves_it_open(tmp_path):
    written(tmp_path / "redis")
    said = told(tmp_path)

    assert 3 == said.exit_code
    assert "is not known, their backups lie within two days: redis" in " ".join(said.output.split())


def test_an_empty_repository_leaves_it_open(tmp_path):
    assert 3 == told(tmp_path).exit_code


def test_a_repository_that_is_not_there(tmp_path):
    said = told(tmp_path / "nowhere")

    assert 2 == said.exit_code
    assert "cannot be read" in said.output


def test_all_of_it_as_data(week):
    figures = json.loads(told(week, "--json").output)

    assert ("proven", 30, "USD") == (figures["verdict"], figures["term_days"], figures["currency"])
    assert (8, 8 * SIZE, 0.5) == tuple(figures["total"][name] for name in ("backups", "stored_bytes", "ratio"))
    assert pytest.approx(30 * 8 * SIZE / 7 / 10**9 * 0.023) == figures["total"]["cost_per_month_at_end_of_term"]


def test_sizes_that_are_not_what_is_stored_are_told(crowded):
    assert "The sizes of 8 backups are not on record" in " ".join(told(crowded).output.split())
