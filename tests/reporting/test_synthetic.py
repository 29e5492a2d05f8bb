"""The month that CI looks at has everything that a report can tell of."""

from drill.evidence import keys
from drill.policy import load
from tests.reporting.conftest import report_of
from tests.reporting.synthetic import synthesize


def test_the_month_that_is_looked_at_lacks_nothing(tmp_path):
    synthesize(tmp_path)
    policy = load(tmp_path / "policy.toml")
    public = [keys.public_key(tmp_path / each) for each in policy.gate.public_keys]
    report = report_of(tmp_path / "reports", policy=policy, public=public)

    assert report.sabotage.missed
    assert report.sabotage.not_tried
    assert report.defects.survived
    assert ["RPO-USER"] == [each.id for each in report.suppressions]
    assert report.evidence.vouched == report.evidence.runs > 20
    assert {"disproven", "unproven"} == {each.verdict for each in report.failures}
    assert [] == [each.id for each in report.criteria if each.projected and not each.projection]
    assert any(each.projected for each in report.criteria)
    assert report.days_without_run
    assert report.timelines
    assert report.metrics.storage
