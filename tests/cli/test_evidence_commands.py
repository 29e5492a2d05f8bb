"""dr-drill gate, evidence, history, log and keys, as a person or a pipeline calls them."""

import json
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from drill.cli import app
from drill.evidence import keys
from drill.evidence.going_on import Hold
from tests.evidence.examples import measured, report
from tests.evidence.rehearsal import REPOSITORY
from tests.evidence.stores import finished, sealed, store

GATE = '[gate]\nmax_age = "7 d"\nrequire = ["INT-DB"]\n'


@pytest.fixture
def run():
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A directory with a policy that requires one criterion, and no reports yet."""
    text = (REPOSITORY / "policy.toml").read_text("utf-8")
    before, found, after = text.partition("[gate]\n")
    assert found
    (tmp_path / "policy.toml").write_text(before + GATE + "\n#" + after.partition("\n#")[2], "utf-8")
    (tmp_path / "reports").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def drilled(checkout, verdict="proven", **further):
    now = datetime.now(UTC) - timedelta(hours=1)
    scenario = report("a", "INT-DB", verdict=verdict, **further)
    return sealed(checkout / "reports", scenario, totals={"INT-DB": 1}, at=now)[0]


@pytest.mark.parametrize(
    ("verdict", "status", "said"),
    [("proven", 0, "The gate is open"), ("disproven", 1, "disproven"), ("unproven", 3, "unproven")],
)
def test_the_gate_ends_as_the_evidence_demands(run, checkout, verdict, status, said):
    drilled(checkout, verdict)
    shown = run("gate")

    assert (status, True) == (shown.exit_code, said in shown.stdout), shown.stdout


def test_the_gate_without_evidence_is_shut(run, checkout):
    assert 3 == run("gate").exit_code


def test_the_gate_writes_what_pipelines_read(run, checkout):
    drilled(checkout)
    (checkout / "page.md").write_text("# Summary\n")
    shown = run("gate", "--json", "--junit", "gate.xml", "--markdown", "page.md")

    assert ("proven", 0) == (json.loads(shown.stdout)["verdict"], shown.exit_code)
    assert 'name="dr-drill gate"' in (checkout / "gate.xml").read_text()
    assert (checkout / "page.md").read_text().startswith("# Summary\n## DR Drill: the gate is open")


@pytest.mark.parametrize(
    "arguments",
    [
        ("gate", "--policy", "none.toml"),
        ("gate", "--reports", "none"),
        ("gate", "--junit", "none/gate.xml"),
        ("gate", "--public-key", "none.pem"),
        ("gate", "--nonsense"),
        ("evidence", "verify", "none"),
        ("evidence", "verify", "--public-key", "policy.toml"),
        ("history", "--reports", "none"),
        ("history", "import", "none"),
        ("history", "import"),
        ("log", "--kind", "gossip"),
        ("log", "--since", "yesterday"),
        ("log", "--reports", "none"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_is_wrong(run, checkout, arguments):
    shown = run(*arguments)

    assert (2, True) == (shown.exit_code, bool(shown.stderr))
    assert "Traceback" not in shown.output


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('id = "RTO-DB"\nowner = "me"\nexpires = 2026-12-01', "gate.suppress[RTO-DB].reason: is missing"),
        ('id = "RTO-DB"\nreason = "x"\nexpires = 2026-12-01', "gate.suppress[RTO-DB].owner: is missing"),
        ('id = "RTO-DB"\nreason = "x"\nowner = "me"', "gate.suppress[RTO-DB].expires: is missing"),
        ('id = "RTO-DB"\nreason = " "\nowner = "me"\nexpires = 2026-12-01', "says nothing"),
        ('id = "RTO-BD"\nreason = "x"\nowner = "me"\nexpires = 2026-12-01', "'RTO-BD' is no criterion"),
    ],
)
def test_a_suppression_that_explains_nothing_shuts_the_gate(run, checkout, entry, said):
    drilled(checkout)
    policy = checkout / "policy.toml"
    policy.write_text(policy.read_text("utf-8").replace(GATE, f"{GATE}\n[[gate.suppress]]\n{entry}\n"), "utf-8")
    shown = run("gate")

    assert (2, True) == (shown.exit_code, said in shown.stderr), shown.stderr


def test_a_criterion_that_is_required_and_does_not_exist_is_an_error(run, checkout):
    policy = checkout / "policy.toml"
    policy.write_text(policy.read_text("utf-8").replace('require = ["INT-DB"]', 'require = ["INT-BD"]'), "utf-8")
    shown = run("gate")

    assert (2, True) == (shown.exit_code, "gate.require[1]: 'INT-BD' is no criterion" in shown.stderr), shown.stderr


def test_keys_sign_and_verify(run, checkout, tmp_path_factory):
    place = tmp_path_factory.mktemp("keys") / "pair"
    made = run("keys", "new", place)
    signer = keys.signer_from({keys.VARIABLE: str(place / keys.PRIVATE_NAME)})
    store(checkout / "reports", signer=signer)
    shown = run("evidence", "verify", "--public-key", place / keys.PUBLIC_NAME)

    assert (0, 0) == (made.exit_code, shown.exit_code), shown.output
    assert "3 runs: the evidence holds" in shown.stdout
    assert 3 == run("evidence", "verify").exit_code


def test_a_key_that_the_policy_names_counts_for_the_gate(run, checkout, tmp_path_factory):
    pair = keys.create(tmp_path_factory.mktemp("keys") / "pair")
    shutil.copy(pair.public, checkout / "key.pem")
    text = (checkout / "policy.toml").read_text("utf-8")
    signed = text.replace(GATE, f'{GATE}signed = true\npublic_keys = ["key.pem"]\n')
    (checkout / "policy.toml").write_text(signed, "utf-8")
    drilled(checkout)
    unsigned = run("gate").exit_code
    sealed(
        checkout / "reports",
        report("a", "INT-DB"),
        totals={"INT-DB": 1},
        at=datetime.now(UTC) - timedelta(minutes=30),
        signer=keys.signer_from({keys.VARIABLE: str(pair.private)}),
    )

    assert (3, 0) == (unsigned, run("gate").exit_code)


def test_verifying_says_what_does_not_hold_and_what_to_note(run, checkout):
    first, *_ = store(checkout / "reports")
    (checkout / "reports" / "runs" / first.id / "events.jsonl").unlink()
    shown = run("evidence", "verify", "reports", "--expect-head", f"9:{'0' * 64}")
    plain = json.loads(run("evidence", "verify", "--json").stdout)

    assert 1 == shown.exit_code
    assert f"missing: {first.id}/events.jsonl: is stated and not there" in shown.stdout
    assert "rolled-back: 9:0000" in shown.stdout
    assert f"head: {plain['heads'][0]['head']} (chain of {first.id})" in shown.stdout
    assert ("disproven", "missing") == (plain["verdict"], plain["findings"][0]["rule"])


def test_the_history_shows_runs_values_and_what_has_slowed_down(run, checkout):
    for minutes, seconds in ((10, 60), (5, 120)):
        took = measured("RTO-DB", timedelta(seconds=seconds))
        at = datetime.now(UTC) - timedelta(minutes=minutes)
        record, _ = sealed(checkout / "reports", report("a", "RTO-DB", measurements=took), at=at)
    shown = run("history")
    plain = json.loads(run("history", "--json").stdout)

    assert f"slower than last: RTO-DB: 2 min in {record.id}, 2.0 times the 1 min before it" in shown.stdout
    assert [60.0, 120.0] == [each["results"]["RTO-DB"]["measured"] for each in plain]
    assert "proven" in run("history", "--criterion", "RTO-DB", "--last", 1).stdout


def test_the_history_names_what_is_no_record(run, checkout):
    first, *_ = store(checkout / "reports")
    (checkout / "reports" / "runs" / first.id / "run.json").write_text("{}")

    assert f"no record: {first.id}" in run("history").stderr


KILLED = "20260102T030405Z-0000000a"


@pytest.fixture
def killed(checkout):
    """A run that left a directory with what had ended before, and neither record nor statement."""
    directory = checkout / "reports" / "runs" / KILLED
    directory.mkdir(parents=True)
    (directory / "events.jsonl").write_text('{"kind": "testing"}\n{"kind": "tes')
    return directory


def shown_of(run, name):
    """What the table says of a run, in one line."""
    (line,) = (line for line in run("history").stdout.splitlines() if name in line)
    return " ".join(line.split())


def test_a_run_that_was_killed_is_in_the_history_and_proves_nothing(run, checkout, killed):
    ended, *_ = store(checkout / "reports")
    plain = {each["id"]: each for each in json.loads(run("history", "--json").stdout)}

    assert f"2026-01-02 03:04:05 {KILLED} unproven (killed, not sealed) – – – –" == shown_of(run, KILLED)
    assert ("unproven", "killed, not sealed", {}) == tuple(
        plain[KILLED][name] for name in ("verdict", "ending", "results")
    )
    assert "sealed" == plain[ended.id]["ending"]
    assert KILLED in json.loads(run("evidence", "verify", "--json").stdout)["unfinished"]


def test_a_killed_run_stands_where_it_began_and_hides_no_other(run, checkout, killed):
    began = [each.id for each in store(checkout / "reports")]

    assert [KILLED, *began] == [each["id"] for each in json.loads(run("history", "--json").stdout)]
    assert KILLED not in run("history", "--last", 3).stdout
    assert KILLED in run("history", "--last", 4).stdout


def test_a_run_that_goes_on_is_not_called_killed(run, killed):
    hold = Hold(killed)
    try:
        assert "goes on" in shown_of(run, KILLED)
        assert "killed" not in shown_of(run, KILLED)
    finally:
        hold.let_go()


def test_a_run_that_was_killed_before_it_was_sealed_proves_nothing_whatever_its_record_says(run, checkout):
    record = finished(checkout / "reports", report("a", "INT-DB"))

    assert f"{record.id} unproven (not sealed)" in shown_of(run, record.id)


def test_a_run_whose_record_was_taken_away_is_told(run, checkout):
    first, *_ = store(checkout / "reports")
    (checkout / "reports" / "runs" / first.id / "run.json").unlink()

    assert f"{first.id} unproven (its record is missing)" in shown_of(run, first.id)


def test_a_killed_run_breaks_neither_trends_nor_taking_in(run, checkout, killed):
    for minutes, seconds in ((10, 60), (5, 120)):
        took = measured("RTO-DB", timedelta(seconds=seconds))
        at = datetime.now(UTC) - timedelta(minutes=minutes)
        sealed(checkout / "reports", report("a", "RTO-DB", measurements=took), at=at)
    later = checkout / "reports" / "runs" / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-0000000b"
    shutil.copytree(killed, later)
    (checkout / "elsewhere").mkdir()

    assert "slower than last: RTO-DB: 2 min" in run("history").stdout
    taken = run("history", "import", "reports", "--reports", "elsewhere")
    assert 2 == taken.stdout.count("taken in: ")


def test_runs_are_taken_in_and_refused(run, checkout):
    first, second, _ = store(checkout / "artifact")
    (checkout / "artifact" / "runs" / second.id / "run.json").write_text("{}")
    shown = run("history", "import", "artifact")

    assert (1, True, True) == (
        shown.exit_code,
        f"taken in: {first.id}" in shown.stdout,
        f"refused: {second.id} (its record does not parse" in shown.stdout,
    )


RECOVERY = {"kind": "recovery", "at": "2026-01-01T02:00:00+00:00", "procedure": "postgres", "status": 3, "seconds": 1.5}


def test_the_log_shows_one_kind_over_all_runs_in_order_of_time(run, checkout):
    now = datetime.now(UTC)
    later = RECOVERY | {"at": (now - timedelta(hours=1)).isoformat(), "reason": "checksum-mismatch"}
    finished(checkout / "reports", report("a", events=[later]))
    finished(checkout / "reports", report("b", events=[RECOVERY, RECOVERY | {"kind": "backup"}]))
    every = json.loads(run("log", "--kind", "recovery", "--json").stdout)
    newest = json.loads(run("log", "--kind", "recovery", "--since", "30d", "--json").stdout)

    assert [RECOVERY["at"], later["at"]] == [event["at"] for event in every]
    assert ([later["at"]], ["checksum-mismatch"]) == (
        [event["at"] for event in newest],
        [event["reason"] for event in newest],
    )
    shown = run("log", "--kind", "recovery").stdout
    assert all(word in shown for word in ("postgres", "checksum-mismatch", "1.5")), shown
    assert "backup" not in shown


def test_the_log_tells_what_an_incident_came_to(run, checkout):
    incident = {"kind": "incident", "at": RECOVERY["at"], "disaster": "the disk is lost"}
    events = [
        incident | {"milestone": "restored", "system": "postgres", "seconds": 2.25},
        incident | {"milestone": "declared", "system": None, "seconds": 0.0},
        incident | {"message": "Disaster", "audience": "team", "delivered": False, "reason": "refused"},
        incident | {"message": "Over", "audience": "users", "delivered": True, "reason": ""},
    ]
    finished(checkout / "reports", report("a", events=events))
    rows = [
        " ".join(row.split()[4:]) for row in run("log", "--kind", "incident").stdout.splitlines() if "incident" in row
    ]

    assert [
        "the disk is lost: postgres restored – 2.2",
        "the disk is lost: declared – 0.0",
        "the team told: Disaster not delivered – refused",
        "the users told: Over delivered –",
    ] == rows


def test_the_help_of_the_gate_names_its_section(run):
    shown = run("gate", "--help").stdout

    assert 2 == shown.count("[gate]")


def test_the_log_knows_all_four_kinds_and_what_a_killed_run_left(run, checkout):
    killed = checkout / "reports" / "runs" / "20261101T020000Z-00000000"
    killed.mkdir(parents=True)
    lines = [json.dumps(RECOVERY | {"kind": kind}) for kind in ("backup", "recovery", "testing", "incident", "gossip")]
    (killed / "events.jsonl").write_text("\n".join([*lines, '{"kind": "back']))
    shown = run("log", "--json")

    assert {"backup", "recovery", "testing", "incident"} == {each["kind"] for each in json.loads(shown.stdout)}
    assert "2 lines cannot be read" in shown.stderr
