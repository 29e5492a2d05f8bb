"""The command ``dr-drill policy``: the register for people and for programs, errors for people."""

import json

import pytest
from typer.testing import CliRunner

from drill.cli import app
from drill.consistency import Consistency

FEATURE = """\
@RTO-DB
Feature: A lost database answers again

  Rule: It is quick

    Scenario: The disk is gone
      Given a database

    @INT-DB
    Scenario Outline: It is <damaged>
      Given a database

      Examples:
        | damaged |
        | cut     |
        | flipped |
"""


@pytest.fixture
def run():
    return lambda *words: CliRunner().invoke(app, list(words))


@pytest.fixture
def checkout(tmp_path, monkeypatch, shipped_text, policy_file):
    """A directory with the shipped policy, its document and one feature; the command runs below it."""
    (tmp_path / "policy.toml").write_text(
        shipped_text.replace('decided_by = "audits"', 'gap = "nobody looks yet"'), encoding="utf-8"
    )
    source = tmp_path / "docs" / "source" / "backup-and-recovery.md"
    source.parent.mkdir(parents=True)
    source.write_bytes((policy_file.parent / "docs/source/backup-and-recovery.md").read_bytes())
    (tmp_path / "features").mkdir()
    (tmp_path / "features" / "recovery.feature").write_text(FEATURE)
    monkeypatch.chdir(tmp_path / "docs")
    return tmp_path


def test_the_table_shows_every_promise(run, checkout, shipped_policy):
    shown = run("policy")
    promises = len(shipped_policy.criteria) + len(shipped_policy.attestations)

    assert 0 == shown.exit_code
    for claim in (*shipped_policy.criteria, *shipped_policy.attestations):
        assert claim.id in shown.stdout
    assert "Recovery Time Objectives" in shown.stdout
    assert f"{promises} promises, 2 with a scenario" in shown.stdout


def test_a_criterion_is_shown_with_what_shows_it(run, checkout):
    register = {entry["id"]: entry for entry in json.loads(run("policy", "--json").stdout)["register"]}

    assert [
        "recovery.feature: The disk is gone",
        "recovery.feature: It is cut",
        "recovery.feature: It is flipped",
    ] == register["RTO-DB"]["scenarios"]
    assert ("scenarios", "2 scenarios") == (register["INT-DB"]["kind"], register["INT-DB"]["evidence"])
    assert ("gap", "gap: nobody looks yet") == (register["SCH-AUDIT"]["kind"], register["SCH-AUDIT"]["evidence"])
    assert ("record", "decided by the record: contacts") == (
        register["CONTACTS"]["kind"],
        register["CONTACTS"]["evidence"],
    )
    assert ("nothing", "nothing yet") == (register["RPO-DB"]["kind"], register["RPO-DB"]["evidence"])
    assert ("attestation", "not attested; emergency.devops_lead answers for it") == (
        register["COST"]["kind"],
        register["COST"]["evidence"],
    )
    assert "< 4 h" == register["RTO-DB"]["objective"]


@pytest.mark.parametrize(
    ("expires", "evidence"),
    [("9999-01-31", "attested until 9999-01-31 (minutes)"), ("2020-02-01", "no valid attestation")],
)
def test_an_attestation_is_shown_with_its_term(run, checkout, shipped_text, expires, evidence):
    dates = f'owner = "emergency.devops_lead"\nattested_on = 2020-01-31\nexpires_on = {expires}\nevidence = "minutes"'
    changed = shipped_text.replace('owner = "emergency.devops_lead"', dates)
    (checkout / "policy.toml").write_text(changed, encoding="utf-8")
    register = {entry["id"]: entry for entry in json.loads(run("policy", "--json").stdout)["register"]}

    assert register["COST"]["evidence"].startswith(evidence)


def test_square_brackets_are_text_and_no_markup(run, checkout, shipped_text):
    changed = shipped_text.replace('decided_by = "audits"', 'gap = "[bold]not yet[/bold]"')
    (checkout / "policy.toml").write_text(changed, encoding="utf-8")

    assert "[bold]not yet[/bold]" in run("policy").stdout


def test_a_policy_can_be_named(run, checkout):
    assert 0 == run("policy", "--policy", str(checkout / "policy.toml"), "--json").exit_code


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ('rto = "4 h"', 'rto = "4 hrs"', "policy.toml: tiers.critical.rto: '4 hrs' has the unknown unit 'hrs'; write"),
        ('    "Database Recovery",\n', "", "policy.toml: criteria: nothing speaks for 'Database Recovery'; add a crit"),
    ],
)
def test_an_error_is_a_line_on_stderr_and_the_status_is_2(run, checkout, shipped_text, right, wrong, message):
    (checkout / "policy.toml").write_text(shipped_text.replace(right, wrong), encoding="utf-8")
    refused = run("policy")

    assert (2, "") == (refused.exit_code, refused.stdout)
    assert refused.stderr.startswith("error: ")
    assert message in refused.stderr
    assert 1 == len(refused.stderr.splitlines())


def test_a_feature_that_is_no_gherkin_is_an_error(run, checkout):
    (checkout / "features" / "broken.feature").write_text("Scenario without a feature")
    refused = run("policy")

    assert 2 == refused.exit_code
    assert "broken.feature is no Gherkin" in refused.stderr


def test_a_defect_is_not_dressed_up_as_an_error_of_the_user(run, checkout, monkeypatch):
    monkeypatch.setattr("drill.cli.policy.proofs", lambda _: 1 / 0)

    assert isinstance(run("policy").exception, ZeroDivisionError)


def test_without_a_command_the_help_teaches(run):
    shown = run()

    assert "pytest features/" in shown.output
    assert "policy" in shown.output


def test_the_version_is_said(run):
    shown = run("--version")

    assert 0 == shown.exit_code
    assert shown.stdout.startswith("dr-drill")


def test_the_check_tells_every_contradiction_with_its_record(run, checkout):
    told = json.loads(run("policy", "check", "--json").stdout)
    first = told["contradictions"][0]

    assert 1 == run("policy", "check").exit_code
    assert "document-loss:database-postgres" == first["id"]
    assert "RPO-DB" == first["known"]["shown_by"]
    assert [300.0, 60.0] == [each["loss_at_worst"] for each in told["standings"][1:3]]
    assert [] == told["outdated"]


def test_the_check_shows_a_person_the_same(run, checkout):
    shown = run("policy", "check").stdout

    assert "document-loss:database-postgres" in shown
    assert "18 contradictions, 18 on record" in shown
    assert "allowed: procedures.redis.time_limit" in shown


@pytest.mark.parametrize(
    ("right", "wrong", "status"),
    [
        ("", "", 0),
        ('cron = "20 3 * * *"', 'cron = "0 2 * * *"', 1),  # the pruning at the moment of the backup
        ('id = "lock-term:compliance"', 'id = "lock-term:complyance"', 1),
        ('cron = "20 3 * * *"', 'cron = "nonsense"', 2),
    ],
)
def test_a_pipeline_may_allow_what_is_known(run, checkout, shipped_text, right, wrong, status):
    (checkout / "policy.toml").write_text(shipped_text.replace(right, wrong), "utf-8")

    assert status == run("policy", "check", "--allow-known").exit_code


def test_a_policy_without_a_contradiction_ends_with_0(run, checkout, monkeypatch):
    monkeypatch.setattr("drill.cli.policy.checked", lambda *_, **__: Consistency((), (), ()))
    shown = run("policy", "check")

    assert (0, True) == (shown.exit_code, "No contradiction" in shown.stdout)
