"""What the gate decides on: the newest full drill that is recent, the runs after it, and evidence that holds."""

import shutil
from datetime import timedelta

import pytest

from drill.evidence import keys
from drill.evidence.verdict import Verdict
from drill.evidence.verification import verify
from tests.evidence.stores import BEGINNING, DOCKER
from tests.gate.drills import drilled, gate, of, tried

PROVEN, UNPROVEN, DISPROVEN = Verdict.PROVEN, Verdict.UNPROVEN, Verdict.DISPROVEN
EMBEDDED = DOCKER.model_copy(update={"name": "embedded"})


def test_drills_that_have_stopped_running_shut_it(gated, reports):
    drilled(reports)
    inside, outside = BEGINNING + timedelta(days=7), BEGINNING + timedelta(days=7, minutes=2)

    assert PROVEN == gate(gated(), reports, now=inside).verdict
    assert UNPROVEN == gate(gated(), reports, now=outside).verdict
    assert PROVEN == gate(gated(max_age="30 d"), reports, now=outside).verdict


def test_a_part_of_a_drill_makes_an_old_one_no_younger(gated, reports):
    drilled(reports)
    tried(reports, PROVEN, minutes=8 * 24 * 60)

    assert UNPROVEN == of(gate(gated(), reports, now=BEGINNING + timedelta(days=8, hours=1)))["FULL-DRILL"]


def test_a_drill_from_the_future_proves_nothing(gated, reports):
    drilled(reports, minutes=90)

    assert UNPROVEN == gate(gated(), reports).verdict


def test_a_run_without_one_of_the_criteria_is_no_full_drill(gated, reports):
    tried(reports, PROVEN, minutes=0)

    assert UNPROVEN == of(gate(gated(), reports))["FULL-DRILL"]


def test_a_run_without_some_of_the_scenarios_is_no_full_drill(gated, reports):
    drilled(reports, totals={"INT-DB": 1, "RTO-DB": 2})

    assert UNPROVEN == of(gate(gated(), reports))["FULL-DRILL"]


def test_what_was_disproven_since_counts_until_the_next_full_drill(gated, reports):
    drilled(reports)
    tried(reports, DISPROVEN, minutes=5)
    tried(reports, PROVEN, minutes=10)
    assert DISPROVEN == of(gate(gated(), reports))["INT-DB"]
    drilled(reports, minutes=15)

    assert PROVEN == gate(gated(), reports).verdict


def test_what_was_left_open_by_a_part_of_a_drill_since_is_told_and_no_more(gated, reports):
    drilled(reports)
    run = tried(reports, UNPROVEN, minutes=5)
    decision = gate(gated(), reports)

    assert (PROVEN, True) == (decision.verdict, any(run.id in note for note in decision.notes))


def test_the_newest_full_drill_counts_and_not_the_best(gated, reports):
    drilled(reports)
    drilled(reports, database=UNPROVEN, minutes=5)

    assert UNPROVEN == gate(gated(), reports).verdict


def test_a_runtime_that_is_demanded_has_to_be_that_of_the_drill(gated, reports):
    drilled(reports, runtime=DOCKER)
    assert PROVEN == gate(gated(runtime="docker"), reports).verdict
    assert UNPROVEN == of(gate(gated(runtime="embedded"), reports))["FULL-DRILL"]
    drilled(reports, runtime=EMBEDDED, minutes=5)

    assert PROVEN == gate(gated(runtime="docker"), reports).verdict


def test_what_was_disproven_on_another_runtime_since_counts_all_the_same(gated, reports):
    drilled(reports, runtime=DOCKER)
    drilled(reports, runtime=EMBEDDED, database=DISPROVEN, minutes=5)

    assert DISPROVEN == gate(gated(runtime="docker"), reports).verdict


@pytest.mark.parametrize("file", ["run.json", "events.jsonl", "statement.dsse.json"])
def test_evidence_that_was_tampered_with_never_opens_it(gated, reports, file):
    run = drilled(reports, recovery=DISPROVEN)
    path = reports / "runs" / run.id / file
    path.write_bytes(path.read_bytes().replace(b"disproven", b"proven") + b"\n" * (file != "statement.dsse.json"))
    if file == "statement.dsse.json":
        path.write_text("{}")

    assert DISPROVEN == of(gate(gated(), reports))["EVIDENCE"]


def test_tampering_with_any_run_shuts_it_not_only_with_the_one_that_counts(gated, reports):
    old = drilled(reports)
    drilled(reports, minutes=5)
    (reports / "runs" / old.id / "events.jsonl").unlink()

    assert DISPROVEN == gate(gated(), reports).verdict


def test_a_run_that_was_put_there_counts_for_nothing(gated, reports):
    run = drilled(reports)
    (reports / "runs" / run.id / "statement.dsse.json").unlink()
    (reports / "history.sqlite").unlink()
    decision = gate(gated(), reports)

    assert (UNPROVEN, None) == (decision.verdict, decision.drill)


def test_where_nothing_tells_that_the_newest_runs_are_there_it_stays_shut(gated, reports):
    drilled(reports)
    bad = drilled(reports, recovery=DISPROVEN, minutes=5)
    shutil.rmtree(reports / "runs" / bad.id)
    (reports / "history.sqlite").unlink()
    decision = gate(gated(), reports)

    assert (UNPROVEN, UNPROVEN, PROVEN) == (decision.verdict, of(decision)["EVIDENCE"], of(decision)["RTO-DB"])


def test_a_head_that_was_noted_elsewhere_opens_it_without_a_history(gated, reports):
    drilled(reports)
    noted = [str(head) for head in verify(reports).heads]
    (reports / "history.sqlite").unlink()

    assert UNPROVEN == gate(gated(), reports).verdict
    assert PROVEN == gate(gated(), reports, expected=noted).verdict


def test_signed_evidence_can_be_demanded(gated, reports, tmp_path):
    pair, other = keys.create(tmp_path / "pair"), keys.create(tmp_path / "other")
    drilled(reports, signer=keys.signer_from({keys.VARIABLE: str(pair.private)}))
    policy = gated(signed=True)

    assert PROVEN == gate(policy, reports, keys=[keys.public_key(pair.public)]).verdict
    assert UNPROVEN == of(gate(policy, reports))["SIGNED"]
    assert UNPROVEN == of(gate(policy, reports, keys=[keys.public_key(other.public)]))["SIGNED"]
    tried(reports, PROVEN, minutes=5)
    assert UNPROVEN == of(gate(policy, reports, keys=[keys.public_key(pair.public)]))["SIGNED"]


def test_unsigned_evidence_is_said_to_be_where_it_is_allowed(gated, reports):
    drilled(reports)
    decision = gate(gated(), reports)

    assert (PROVEN, True) == (decision.verdict, any("unsigned" in note for note in decision.notes))
