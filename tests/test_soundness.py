"""Damage below the rows, made and found; a healthy server is not accused."""

from __future__ import annotations

import pytest

from drill.damage import damage_server
from drill.datasets import database
from drill.errors import DrillError
from drill.recoveries.soundness import damages, flaw_of_start


def test_a_healthy_server_has_no_damage_and_runs_on(fresh_postgres):
    assert [] == damages(fresh_postgres)
    assert database.NAME in fresh_postgres.database_names()


def test_a_page_that_was_altered_is_named(fresh_postgres):
    damage_server(fresh_postgres, "a page is altered by one bit")
    found = damages(fresh_postgres)

    assert "PAGE-CHECKSUM" in {damage.id for damage in found}
    assert any(damage.where.startswith("base/") and ", page " in damage.where for damage in found)


def test_an_index_that_has_lost_entries_is_named(fresh_postgres):
    damage_server(fresh_postgres, "an index has lost entries")
    found = damages(fresh_postgres)

    assert {"STRUCTURE"} == {damage.id for damage in found}
    assert any("counting.zones" in damage.where for damage in found)


def test_an_unknown_damage_is_an_error(fresh_postgres):
    with pytest.raises(DrillError, match="no damage to a server 'rust'; use one of a page is altered"):
        damage_server(fresh_postgres, "rust")


def test_a_copy_of_a_running_server_without_its_label_starts_from_who_knows_where(fresh_postgres):
    assert "'in production'" in flaw_of_start(fresh_postgres)
    (fresh_postgres.data / "backup_label").touch()
    assert flaw_of_start(fresh_postgres) is None


def test_a_server_that_was_shut_down_needs_no_label_and_nor_does_an_empty_place(fresh_postgres):
    fresh_postgres.stop()
    assert flaw_of_start(fresh_postgres) is None
    (fresh_postgres.data / "PG_VERSION").unlink()
    assert flaw_of_start(fresh_postgres) is None


def test_a_control_file_that_cannot_be_read_is_an_error(fresh_postgres):
    fresh_postgres.stop()
    (fresh_postgres.data / "global/pg_control").unlink()

    with pytest.raises(DrillError, match="pg_controldata could not look"):
        flaw_of_start(fresh_postgres)
