"""What the report says is what the history holds; what cannot be believed, or is not there, is never a pass."""

import hashlib
import json
import shutil
from collections import Counter
from datetime import date, timedelta

import pytest

from drill.evidence.decided import contacts, judged
from drill.evidence.verdict import Verdict
from drill.evidence.verification import verify
from drill.gate.decision import is_full, required_criteria
from drill.policy.controls import CONTROLS
from drill.reporting.composition import composed
from drill.reporting.coverage import ONLY_HOLDS, UNSERVED
from drill.reporting.measures import Measured
from drill.reporting.page import Paragraph, Table
from drill.reporting.period import Period
from drill.reporting.summary import CaveatKind, Why
from drill.reporting.words import Words
from tests.procedures import with_gap
from tests.reporting.conftest import NOVEMBER, POLICY, SMALL, kinds, report_of, standing
from tests.reporting.months import Nights, history


@pytest.fixture
def reports(tmp_path):
    return tmp_path / "reports"


def raw(reports):
    """The records as they lie there, read without any of the report's code."""
    return [json.loads(path.read_text("utf-8")) for path in sorted((reports / "runs").glob("*/run.json"))]


def test_the_numbers_are_those_of_the_records(month, public):
    summary, records = report_of(month.reports, public=public), raw(month.reports)
    results = [result for record in records for result in record["criteria"] if result["id"] == "RTO-DB"]
    worst = max(results, key=lambda result: result["measured"])
    [where] = [record["id"] for record in records if worst in record["criteria"]]
    found = standing(summary, "RTO-DB")

    assert Measured(value=worst["measured"], text=worst["measured_text"], run=where) == found.worst
    bound = max(results, key=lambda result: result["projected"] or 0)
    assert (bound["projected"], bound["projection"]) == (found.projected.value, found.projection)
    assert results[-1]["projection"] != found.projection
    assert (27, 1, min(result["margin"] for result in results)) == (found.tests, found.disproofs, found.margin)
    assert records[-1]["finished"] == found.last_proven.isoformat()


def test_the_verdicts_are_counted_as_they_are(month, public):
    policy = with_gap(POLICY, "SCH-AUDIT")
    summary = report_of(month.reports, policy=policy, public=public)
    proven = {each.id for each in policy.criteria if each.is_tested}

    assert proven == {each.id for each in summary.criteria if each.verdict is Verdict.PROVEN}
    gaps = {each.id for each in policy.criteria if each.gap}
    assert "SCH-AUDIT" in gaps
    assert gaps == {each.id for each in summary.criteria if each.why is Why.GAP}
    assert {Why.NOT_RUN} == {each.why for each in summary.criteria if policy.criterion(each.id).decided_by}
    assert Verdict.UNPROVEN is summary.verdict


def test_the_logs_are_counted_as_they_are(month, public):
    summary = report_of(month.reports, public=public)
    lines = [
        json.loads(line)
        for log in (month.reports / "runs").glob("*/events.jsonl")
        for line in log.read_text("utf-8").splitlines()
    ]
    backups = [line for line in lines if line["kind"] == "backup"]
    longest = max(line["seconds"] for line in backups if line["procedure"] == "redis")
    [redis] = [each for each in summary.metrics.backups if each.procedure == "redis"]

    assert len(backups) == summary.metrics.success.tries == summary.metrics.success.done
    assert 0.99 < summary.metrics.success.bound < 1
    assert (longest, Counter(line["procedure"] for line in backups)["redis"]) == (redis.longest, redis.done)
    declared = [line for line in lines if line.get("declared") or line.get("milestone") == "declared"]
    assert len(declared) == sum(each.disasters for each in summary.drills)


def test_a_disaster_drill_has_its_timeline_and_every_procedure_its_slowest_recovery(month, public):
    summary = report_of(month.reports, public=public)
    newest, *_ = summary.timelines

    assert (month.names[-1], "all servers lost") == (newest.run, newest.what)
    assert [("declared", None, 0.0), ("restored", "postgres", 6.5), ("communicated", None, 8.3)] == [
        (step.name, step.system, step.seconds) for step in newest.steps if step.seconds in (0.0, 6.5, 8.3)
    ]
    slowest = {each.what: each.steps[-1].seconds for each in summary.timelines if each.what != newest.what}
    longest = {each.procedure: each.longest for each in summary.metrics.recoveries}
    assert {name: seconds + 2 for name, seconds in longest.items()} == pytest.approx(slowest, abs=0.002)


def test_more_disaster_drills_than_are_shown_hide_no_recovery_and_are_counted(month, public, monkeypatch):
    whole = report_of(month.reports, public=public)
    monkeypatch.setattr("drill.reporting.assembly.MOST_TIMELINES", 10)
    cut = report_of(month.reports, public=public)
    recoveries = [each for each in whole.timelines if each.what != "all servers lost"]

    assert (0, 27 + len(recoveries)) == (whole.timelines_left_out, len(whole.timelines))
    assert (recoveries, 10) == ([*cut.timelines[-len(recoveries) :]], len(cut.timelines))
    assert 27 - (10 - len(recoveries)) == cut.timelines_left_out


def test_days_without_a_run_and_the_calendar(month, public):
    summary = report_of(month.reports, public=public)

    assert (date(2026, 11, 7), date(2026, 11, 8), date(2026, 11, 16)) == summary.days_without_run
    assert ["disproven", "unproven"] == [
        day.verdict for day in summary.trends.calendar if day.verdict not in (None, "proven")
    ]
    assert 30 == len(summary.trends.calendar)


def test_a_failure_has_its_cause_and_is_resolved_by_the_next_proof(month, public):
    summary = report_of(month.reports, public=public)
    failed = [each for each in summary.failures if "RTO-DB" in each.criteria]

    assert {"RTO-DB không đạt: 3 rows are missing"} == {each.cause for each in failed}
    assert {(month.names[3], month.names[4])} == {(each.first_run, each.resolved_run) for each in failed}
    assert {Verdict.DISPROVEN, Verdict.UNPROVEN} == {each.verdict for each in summary.failures}


def test_every_heading_and_control_says_what_it_does_not_show(month, public):
    summary = report_of(month.reports, public=public)
    prose = "".join((POLICY.directory / POLICY.document.source).read_text("utf-8").split("```")[::2])
    headings = [line.lstrip("#").replace("**", "").strip() for line in prose.splitlines() if line.startswith("#")]
    served = {control for each in (*POLICY.criteria, *POLICY.attestations) for control in each.controls}

    assert list(dict.fromkeys(headings)) == [each.name for each in summary.headings]
    assert list(CONTROLS) == [each.name for each in summary.controls]
    assert set(CONTROLS) - served == {each.name for each in summary.controls if each.shows_not == (UNSERVED,)}
    for covered in (*summary.headings, *summary.controls):
        answered = bool(covered.criteria or covered.attestations)
        assert (answered, True) == (covered.verdict is not None, all(covered.shows_not) and bool(covered.shows_not))
    [recovery] = [each for each in summary.headings if each.name.endswith("RECOVERY PROCEDURES")]
    assert (None, (ONLY_HOLDS,)) == (recovery.verdict, recovery.shows_not)
    assert ("Database Recovery", "Application Recovery", "System Recovery") == recovery.holds


def test_a_full_drill_is_what_the_gate_calls_one(reports):
    from drill.evidence.record import RunRecord

    history(reports, POLICY, Nights(number=1, **SMALL))
    history(reports / "part", POLICY, Nights(number=1, whole=False, **SMALL))
    for place in (reports, reports / "part"):
        [record] = (place / "runs").glob("*/run.json")
        ours = report_of(place).drills[0].full
        assert is_full(RunRecord.model_validate_json(record.read_bytes()), required_criteria(POLICY), None) == ours


def test_a_month_without_runs_says_so_and_proves_nothing(reports):
    reports.mkdir()
    summary = report_of(reports)

    assert Verdict.UNPROVEN is summary.verdict
    assert CaveatKind.NO_RUNS in kinds(summary)
    assert 30 == kinds(summary)[CaveatKind.DAYS_WITHOUT_RUN]
    assert not any(each.verdict is Verdict.PROVEN for each in summary.criteria)


def test_a_month_of_failures_is_disproven(reports):
    tested = [each.id for each in POLICY.criteria if each.is_tested]
    history(reports, POLICY, Nights(number=3, failing=dict.fromkeys(range(3), tested), **SMALL))
    summary = report_of(reports)

    assert Verdict.DISPROVEN is summary.verdict
    assert CaveatKind.NOTHING_PROVEN in kinds(summary)
    assert not any(each.resolved for each in summary.failures)


@pytest.mark.parametrize(
    ("nights", "why"),
    [
        (Nights(number=20, **SMALL), Why.TOO_OLD),
        (Nights(number=30, whole=False, **SMALL), Why.IN_PART),
        (Nights(number=30, objective="< 9 h", **SMALL), Why.OBJECTIVE_CHANGED),
        (Nights(number=30, broken={29: ["RTO-DB"]}, **SMALL), Why.UNJUDGED),
        (Nights(number=30, failing={29: ["RTO-DB"]}, **SMALL), Why.DISPROVEN),
        (Nights(number=30, failing={28: ["RTO-DB"]}, **SMALL), Why.PROVEN),
    ],
    ids=lambda value: str(value) if isinstance(value, Why) else "",
)
def test_what_a_verdict_rests_on(reports, nights, why):
    history(reports, POLICY, nights)
    found = standing(report_of(reports), "RTO-DB")

    assert (why, why is Why.PROVEN) == (found.why, found.verdict is Verdict.PROVEN)


@pytest.mark.parametrize(
    ("nights", "told"),
    [
        (Nights(number=30, unprojected={"postgres": 10_500_000}, **SMALL), {"postgres": 10_500_000}),
        (Nights(number=30, unprojected={"postgres": 10_500_000}, failing={29: ["RTO-DB"]}, **SMALL), {}),
        (Nights(number=30, **SMALL), {}),
    ],
    ids=["proven at one size", "disproven at one size", "proven at production's"],
)
def test_a_proof_at_the_measured_size_only_is_told_and_counted(reports, nights, told):
    history(reports, POLICY, nights)
    summary = report_of(reports)
    limited = [each.id for each in summary.criteria if each.unprojected]

    assert told == standing(summary, "RTO-DB").unprojected
    assert len(limited) == kinds(summary).get(CaveatKind.MEASURED_SIZE_ONLY, 0)
    assert bool(nights.unprojected) == ("RTO-CACHE" in limited)


def test_what_the_record_decided_is_in_the_report_with_what_it_rests_on(reports):
    decided = judged(POLICY.criterion("CONTACTS"), contacts(POLICY)).model_dump(mode="json")
    history(reports, POLICY, Nights(number=1, further={"decided": [decided]}))
    found = standing(report_of(reports), "CONTACTS")

    assert (Verdict.DISPROVEN, Why.DISPROVEN) == (found.verdict, found.why)
    assert "contacts.backup_team.primary" in found.because
    [failure] = report_of(reports).failures
    assert ("CONTACTS", "decided by the record", Verdict.DISPROVEN) == (failure.scenario, failure.name, failure.verdict)
    assert "contacts.backup_team.primary" in failure.cause


def test_a_proof_before_the_span_is_told_and_does_not_count(reports):
    history(reports, POLICY, Nights(number=2, **SMALL))
    december = Period.month("2026-12", today=date(2027, 1, 2))
    found = standing(report_of(reports, period=december), "INT-DB")

    assert (Verdict.UNPROVEN, None, date(2026, 11, 2)) == (
        found.verdict,
        found.last_proven,
        found.previously_proven.date(),
    )


def test_what_could_not_be_tried_is_not_called_missed(reports):
    score = {"faults": 4, "caught": 2, "missed": ["A", "B"], "not_tried": ["B"]}
    history(reports, POLICY, Nights(number=1, further={"sabotage": score}, **SMALL))
    found = report_of(reports).sabotage

    assert (("A",), ("B",)) == (found.missed, found.not_tried)
    assert found.faults == found.caught + found.refused + len(found.missed) + len(found.not_tried)


def test_a_short_drill_hides_no_miss_of_the_night_before(reports):
    night, day = NOVEMBER.beginning, NOVEMBER.beginning + timedelta(hours=12)
    for first, score in ((night, {"faults": 249, "caught": 248, "missed": ["A"]}), (day, {"faults": 14, "caught": 14})):
        history(reports, POLICY, Nights(number=1, first=first, further={"sabotage": score}, **SMALL))

    assert (249, ("A",)) == (report_of(reports).sabotage.faults, report_of(reports).sabotage.missed)


def test_fields_that_are_not_known_are_passed_over_and_missing_ones_told(reports):
    history(reports, POLICY, Nights(number=1, further={"invented": {"a": 1}}, **SMALL))
    summary = report_of(reports)

    assert (None, None, None) == (summary.sabotage, summary.defects, summary.metrics.storage)
    assert 1 == len(summary.drills)


def test_the_same_history_has_the_same_report(month, public, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(month.reports, copy)

    assert report_of(month.reports, public=public) == report_of(copy, public=public)


def test_making_a_report_changes_no_evidence(month, public):
    def hashes():
        kept = [month.reports / "history.sqlite", *(month.reports / "runs").rglob("*.*")]
        return {path: hashlib.sha256(path.read_bytes()).digest() for path in kept}

    before = hashes()
    report_of(month.reports, public=public)

    assert before == hashes()
    assert not verify(month.reports, keys=public).findings


def test_a_suppression_is_shown_and_excuses_nothing(reports, public):
    from drill.policy import Suppression

    history(reports, POLICY, Nights(number=30, failing={29: ["RTO-DB"]}, **SMALL))
    excused = Suppression(id="RTO-DB", reason="new disks", owner="somebody", expires=NOVEMBER.until + timedelta(days=9))
    gate = POLICY.gate.model_copy(update={"suppress": (excused,)})
    summary = report_of(reports, policy=POLICY.model_copy(update={"gate": gate}))

    assert (Verdict.DISPROVEN, True) == (standing(summary, "RTO-DB").verdict, summary.suppressions[0].stands)
    assert 1 == kinds(summary)[CaveatKind.SUPPRESSED]


def test_no_table_is_ever_empty(reports):
    reports.mkdir()
    page = composed(report_of(reports), Words("en"), runs="../runs")
    blocks = [block for section in page.sections for part in (section, *section.sections) for block in part.blocks]

    assert all(block.rows for block in blocks if isinstance(block, Table))
    assert any(
        "There was no run." in text.text for block in blocks if isinstance(block, Paragraph) for text in block.content
    )
