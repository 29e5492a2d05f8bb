"""What builds on what, and what of a large set is complete: the same whoever looks at it."""

import os
import pickle
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backup_scripts import lineage
from backup_scripts.lineage import Point, inventory, lineages
from backup_scripts.repository import BackupSet
from tests.repositories import LAST_NIGHT, written

NAMES = st.sampled_from("abcdefgh")
OFFSETS = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(timezones=OFFSETS | st.just(UTC)).map(lambda moment: moment.replace(fold=0))  # as read


def builds_on(backups, backup_id: str) -> list[str] | None:
    """The oracle: step by step down to the beginning, None where there is none."""
    line, parent = [], backups[backup_id].parent
    while parent is not None:
        if parent not in backups or parent in line:
            return None
        line.append(parent)
        parent = backups[parent].parent
    return line


@settings(database=None, deadline=None)
@given(parents=st.dictionaries(NAMES, st.none() | NAMES))
def test_a_line_ends_at_its_beginning_and_a_circle_has_none(parents):
    backups = {name: Point(datetime.min.replace(tzinfo=UTC), parent, None) for name, parent in parents.items()}
    expected = {name: line for name in backups if (line := builds_on(backups, name)) is not None}

    assert expected == lineages(backups)


@settings(database=None, deadline=None)
@given(point=st.builds(Point, MOMENTS, st.none() | st.text(), st.none() | MOMENTS))
def test_a_point_is_the_same_in_another_process(point):
    there = pickle.loads(pickle.dumps(point))  # noqa: S301 - our own

    assert (Point, point) == (type(there), there)
    assert str(point) == str(there)  # moments are equal whatever their offsets


@pytest.mark.parametrize("together", [1, 2, 32])
def test_a_set_is_the_same_whether_one_processor_looks_at_it_or_two(tmp_path, monkeypatch, capfd, together):
    home = tmp_path / "shop"
    stored = [written(home, finished=LAST_NIGHT + timedelta(days=day), files={"data": b"data"}) for day in range(9)]
    (stored[1].directory / "data").write_bytes(b"dat")
    (stored[2].directory / "more").touch()
    (stored[3].directory / "manifest.json").write_text("{")
    stored[4].directory.rename(home / "elsewhere")
    (home / "link").symlink_to(stored[5].directory)
    (home / "README").touch()
    monkeypatch.setattr(lineage, "TOGETHER", 1)
    alone, told_alone = inventory(BackupSet(home)), capfd.readouterr().err
    monkeypatch.setattr(lineage, "TOGETHER", together)
    monkeypatch.setattr(lineage, "MANY", 2)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    together, told_together = inventory(BackupSet(home)), capfd.readouterr().err

    assert (alone, told_alone) == (together, told_together)
    assert [each.id for each in (stored[0], *stored[5:])] == list(alone[0])
    assert sorted([*(each.id for each in stored[1:4]), "elsewhere", "link", "README"]) == sorted(alone[1])
    assert 6 == told_alone.count("ignored ")
