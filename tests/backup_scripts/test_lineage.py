"""What builds on what, and what of a large set is complete: the same whoever looks at it."""

import os
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from backup_scripts import lineage
from backup_scripts.lineage import Point, inventory, lineages
from backup_scripts.repository import BackupSet
from tests.repositories import LAST_NIGHT, written

NAMES = st.sampled_from("abcdefgh")


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


def test_a_set_is_the_same_whether_one_processor_looks_at_it_or_two(tmp_path, monkeypatch, capfd):
    home = tmp_path / "shop"
    stored = [written(home, finished=LAST_NIGHT + timedelta(days=day), files={"data": b"data"}) for day in range(9)]
    (stored[1].directory / "data").write_bytes(b"dat")
    (stored[2].directory / "more").touch()
    (stored[3].directory / "manifest.json").write_text("{")
    stored[4].directory.rename(home / "elsewhere")
    (home / "link").symlink_to(stored[5].directory)
    (home / "README").touch()
    alone, told_alone = inventory(BackupSet(home)), capfd.readouterr().err
    monkeypatch.setattr(lineage, "MANY", 2)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    together, told_together = inventory(BackupSet(home)), capfd.readouterr().err

    assert (alone, told_alone) == (together, told_together)
    assert [each.id for each in (stored[0], *stored[5:])] == list(alone[0])
    assert sorted([*(each.id for each in stored[1:4]), "elsewhere", "link", "README"]) == sorted(alone[1])
    assert 6 == told_alone.count("ignored ")
