"""A policy that its own procedures cannot keep is disproven, with a sentence that says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from drill.evidence.record import RunRecord
from tests.drills import ROOT, drilled

SHIPPED = (ROOT / "policy.toml").read_text("utf-8")
EDITS = {'rpo = "1 h"': 'rpo = "1 s"', 'archive_timeout = "5 min"': 'archive_timeout = "60 s"'}
SENTENCE = "at worst 1 min of acknowledged writes are lost: 1 min until the server sends a segment away"


def drilled_by(text: str, directory: Path, runtime: str) -> tuple[int, str, RunRecord]:
    """Run the scenario of the lost database with a policy; return exit status, terminal and run record."""
    policy = directory / "policy.toml"
    policy.write_text(text, "utf-8")
    # The procedures start, and find their files, where the policy lies.
    (directory / "backup_scripts").symlink_to(ROOT / "backup_scripts")
    feature, reports = "features/database/data_loss.feature", directory / "reports"
    return drilled(feature, "killed and load", f"--policy={policy}", reports=reports, runtime=runtime)


@pytest.fixture
def runtime_name(settings):
    return settings.resolution.name


@pytest.mark.postgres
@pytest.mark.slow
def test_a_loss_that_the_archiving_allows_and_the_policy_does_not_is_disproven(tmp_path, runtime_name):
    text = SHIPPED
    for shipped, edited in EDITS.items():
        assert shipped in text
        text = text.replace(shipped, edited)
    status, said, record = drilled_by(text, tmp_path, runtime_name)
    (scenario,) = record.scenarios

    assert (1, "disproven") == (status, record.verdict)
    assert [("RPO-DB", "< 1 s", "disproven")] == [(each.id, each.objective, each.verdict) for each in record.criteria]
    assert SENTENCE in scenario.reason
    assert SENTENCE in said


@pytest.mark.postgres
@pytest.mark.slow
def test_the_shipped_policy_is_kept(tmp_path, runtime_name):
    status, said, record = drilled_by(SHIPPED, tmp_path, runtime_name)

    assert (0, "proven") == (status, record.verdict), said
    assert [("RPO-DB", "< 1 h", "proven")] == [(each.id, each.objective, each.verdict) for each in record.criteria]
