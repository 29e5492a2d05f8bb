"""Damage below the rows, made and found; a healthy server is not accused."""

from __future__ import annotations

import pytest

from drill.damage import damage_server
from drill.datasets import database
from drill.errors import DrillError
from drill.recoveries.soundness import damages


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
