"""A recovered store that cannot be read, or is not what it was, is disproven."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from drill.backups import backup
from drill.evidence.verdict import Disproof
from drill.fingerprints import Kind
from drill.recoveries import comparison
from drill.stores import DatabaseStore

ROOT = Path(__file__).parent.parent


@pytest.fixture
def store(fresh_postgres):
    return DatabaseStore(fresh_postgres)


def test_a_database_that_is_not_there_is_disproven(store, runbook):
    held = backup.take(store, runbook=runbook)
    store.server.drop_database(store.name)

    with pytest.raises(Disproof, match="cannot be read"):
        comparison.compared(store, held)
    with pytest.raises(Disproof, match="cannot be read"):
        comparison.written(store)


def test_a_row_that_is_gone_is_named(store, runbook):
    held = backup.take(store, runbook=runbook)
    with store.server.connect(store.name) as connection:
        connection.execute("DELETE FROM counting.alerts WHERE alert_id = 6")

    (difference,) = comparison.compared(store, held)

    assert (Kind.CHANGED, "rows of table counting.alerts") == (difference.kind, difference.where)
    assert "(6)" in str(difference)


def test_a_write_that_is_missing_and_one_too_many_are_named():
    assert [2, 7] == comparison.misplaced(SimpleNamespace(written=lambda: {0, 1, 7}), range(3))


def test_a_restore_that_does_nothing_and_says_that_it_did_is_disproven(tmp_path, settings):
    policy = tmp_path / "policy.toml"
    shipped = (ROOT / "policy.toml").read_text("utf-8")
    lying = shipped.replace('restore = "python -m backup_scripts.postgres_restore"', 'restore = "true"')
    policy.write_text(lying, "utf-8")
    assert lying != shipped

    options = [f"--policy={policy}", f"--reports={tmp_path / 'reports'}", f"--runtime={settings.resolution.name}"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "features/database/full_backup.feature", "-k", "disk", *options],
        cwd=ROOT,
        # The procedures start where the policy lies.
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    record = json.loads((tmp_path / "reports" / "latest" / "run.json").read_text("utf-8"))
    assert (1, "disproven") == (run.returncode, record["verdict"]), run.stdout
    assert "the recovered store cannot be read" in record["scenarios"][0]["reason"]
