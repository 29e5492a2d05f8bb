"""The written manual: what it says comes from policy and drill, and one that is out of date is found."""

import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from drill.cli import app
from drill.evidence import keys
from drill.evidence.journal import Journal, Kind
from drill.evidence.verdict import Verdict
from drill.manual.last_drill import last_proven
from drill.manual.markdown import manual
from drill.manual.stamp import findings
from drill.manual.typeset import pdf
from drill.policy.encryption import Encryption
from tests.evidence.examples import report
from tests.evidence.rehearsal import REPOSITORY
from tests.evidence.stores import BEGINNING, finished, sealed
from tests.procedures import SHIPPED
from tests.reporting.conftest import needed

NOW = datetime(2026, 11, 25, tzinfo=UTC)
SHA256 = "a" * 64
POLICY = ["--policy", str(REPOSITORY / "policy.toml")]


def drilled(reports, *, night=0, verdict=Verdict.PROVEN, seconds=90.0, scenarios=1, end=sealed, **sealing):
    """A night's run that carried the plan out, and was sealed unless it ends otherwise."""
    journal = Journal()
    for took in (1.0, seconds):
        journal.event(Kind.RECOVERY, procedure="redis", status=0, seconds=took)
    journal.event(Kind.RECOVERY, procedure="redis", status=1, seconds=9999.0)
    journal.event(Kind.INCIDENT, milestone="verified", system="redis", took=timedelta(seconds=seconds + 30))
    scenario = report("a", "PLAN-EXECUTION", verdict=verdict, events=journal.events)
    at = BEGINNING + timedelta(days=night)
    ended = end(reports, scenario, at=at, totals={"PLAN-EXECUTION": scenarios}, **sealing)
    return ended[0] if end is sealed else ended


def test_the_newest_drill_that_was_proven_whole_counts(tmp_path):
    drilled(tmp_path, night=0)
    whole = drilled(tmp_path, night=1)
    drilled(tmp_path, night=2, scenarios=2)
    drilled(tmp_path, night=3, verdict=Verdict.DISPROVEN)

    assert whole.id == last_proven(tmp_path, SHIPPED).run


def test_without_a_proven_drill_no_duration_is_made_up(tmp_path):
    drilled(tmp_path, verdict=Verdict.UNPROVEN)
    text = manual(SHIPPED, last_proven(tmp_path, SHIPPED), sha256=SHA256, now=NOW)

    assert "No drill of the plan has been proven" in text
    assert len(SHIPPED.recovery) * 2 == text.count("not drilled")


def altered(reports, run):
    """Somebody makes a restore of a run that ended longer than it took."""
    log = reports / "runs" / run.id / "events.jsonl"
    log.write_text(log.read_text("utf-8").replace("90.0", "9.0"), "utf-8")


def test_a_drill_whose_record_was_altered_is_not_believed(tmp_path):
    whole, later = drilled(tmp_path), drilled(tmp_path, night=1)
    altered(tmp_path, later)

    assert whole.id == last_proven(tmp_path, SHIPPED).run


def test_a_drill_that_nobody_stated_is_not_believed(tmp_path):
    whole = drilled(tmp_path)
    drilled(tmp_path, night=1, end=finished)

    assert whole.id == last_proven(tmp_path, SHIPPED).run


def test_a_page_that_rests_on_a_drill_altered_since_is_found(tmp_path):
    run = drilled(tmp_path)
    page = manual(SHIPPED, last_proven(tmp_path, SHIPPED), sha256=SHA256, now=NOW).encode()
    altered(tmp_path, run)
    (told,) = findings(page, sha256=SHA256, drill=last_proven(tmp_path, SHIPPED))

    assert f"rests on the drill {run.id}, and the last one that was proven is none" in told


@pytest.mark.parametrize(("signed", "known"), [(False, False), (True, False), (True, True)])
def test_a_drill_for_which_no_known_key_vouches_is_marked_on_the_page(tmp_path, signed, known):
    pair, reports = keys.create(tmp_path / "pair"), tmp_path / "reports"
    drilled(reports, signer=keys.signer_from({keys.VARIABLE: str(pair.private)}) if signed else None)
    drill = last_proven(reports, SHIPPED, keys=[keys.public_key(pair.public)] if known else [])
    text = manual(SHIPPED, drill, sha256=SHA256, now=NOW)

    assert (signed and known) is drill.vouched
    assert drill.vouched is ("**No key that is known here vouches for the record of that drill" not in text)


def test_every_command_order_and_expected_duration_is_on_the_page(tmp_path):
    drilled(tmp_path)
    text = manual(SHIPPED, last_proven(tmp_path, SHIPPED), sha256=SHA256, now=NOW)
    places = [text.index(f"| {number} | {step.procedure} |") for number, step in enumerate(SHIPPED.recovery, 1)]

    assert sorted(places) == places
    assert "`python -m backup_scripts.redis_restore` | 1.5 min | 2 min | 4 h (critical) |" in text
    assert [] == [entry for entry in SHIPPED.schedule if f"`{entry.cron}` {entry.time_zone}" not in text]
    assert [] == [each.message for each in SHIPPED.notifications if each.message not in text]
    assert "6 of 6 contacts are still placeholders" in text


NOT_NEEDED = {"BACKUP_NOW", "BACKUP_TIER", "BACKUP_PARENT_ID", "BACKUP_RECIPIENT", "BACKUP_IDENTITY_FILE"} | {
    "REDIS_USER", "RESTORE_TABLESPACES", "GIT_ASKPASS", "TMPDIR",
}  # fmt: skip
"""What a command does without, where there is no increment and nothing is encrypted."""


def demanded(command):
    """The variables that the manual page of one of our scripts names."""
    script = REPOSITORY / "backup_scripts" / f"{command.words[2].rpartition('.')[2]}.py"
    listed = re.search(r"^Environment:\n(.*?)\n\n", script.read_text("utf-8"), re.MULTILINE | re.DOTALL)[1]
    first = (re.split(r"\s{3}|…", line.strip())[0] for line in listed.splitlines() if re.match(r"  [A-Z]", line))
    return {name for names in first for name in re.findall(r"[A-Z_]{4,}", names)}


def variables(text, procedure):
    """The cells of a procedure's row in the table of variables: for a backup, for a restore."""
    table = text[text.index("## What the commands find in their environment") :]
    (row,) = (line for line in table.splitlines() if line.startswith(f"| {procedure} |"))
    return [set(re.findall(r"[A-Z_]{4,}", cell)) for cell in row.split(" | ")[1:3]]


@pytest.mark.parametrize("procedure", [step.procedure for step in SHIPPED.recovery])
def test_every_variable_that_a_command_needs_is_named_beside_it(procedure):
    text = manual(SHIPPED, None, sha256=SHA256, now=NOW)
    commands = SHIPPED.procedures[procedure]

    for command, named in zip((commands.backup, commands.restore), variables(text, procedure), strict=True):
        assert {"BACKUP_REPOSITORY", "BACKUP_SET"} <= named
        assert set() == demanded(command) - NOT_NEEDED - named, command


def test_what_is_scheduled_and_no_step_of_the_recovery_has_its_variables_too():
    text = manual(SHIPPED, None, sha256=SHA256, now=NOW)

    assert [] == [
        entry.procedure for entry in SHIPPED.schedule if not all(variables(text, entry.procedure))
    ]  # fmt: skip


def test_keys_and_what_a_policy_passes_on_are_named_and_no_value_ever_is(tmp_path, monkeypatch):
    monkeypatch.setenv("VAULT_TOKEN", "canary-password")
    recipient = f"age1{'q' * 58}"
    changed = SHIPPED.procedures["redis"].model_copy(update={"pass_environment": ("VAULT_TOKEN",)})
    policy = SHIPPED.model_copy(
        update={
            "procedures": {**SHIPPED.procedures, "redis": changed},
            "encryption": Encryption(recipient=recipient, identity_file="canary.key"),
        }
    )
    text = manual(policy, None, sha256=SHA256, now=NOW)
    backup, restore = variables(text, "redis")

    assert {"VAULT_TOKEN", "BACKUP_RECIPIENT"} <= backup
    assert {"VAULT_TOKEN", "BACKUP_IDENTITY_FILE", "REDISCLI_AUTH"} <= restore
    assert [] == [value for value in ("canary-password", "canary.key", recipient) if value in text]


def test_it_is_said_where_the_variables_are_described():
    text = manual(SHIPPED, None, sha256=SHA256, now=NOW)

    assert "`/etc/dr-drill/PROCEDURE.env`" in text
    assert "## Point it at your own commands" in (REPOSITORY / "README.md").read_text("utf-8")
    assert '"Point it at your own commands" of README.md' in text
    assert all(f"`{name}`" in text for name in SHIPPED.offsite.credentials) if SHIPPED.offsite else True


def test_a_manual_that_is_up_to_date_has_no_finding(tmp_path):
    drilled(tmp_path)
    drill = last_proven(tmp_path, SHIPPED)

    text = manual(SHIPPED, drill, sha256=SHA256, now=NOW).encode()
    assert [] == list(findings(text, sha256=SHA256, drill=drill))


@pytest.mark.parametrize(
    ("text", "sha256", "found"),
    [
        (manual(SHIPPED, None, sha256=SHA256, now=NOW).encode(), "b" * 64, "the policy has changed"),
        (b"# Our own words\n", SHA256, "does not say from which policy and drill"),
    ],
)
def test_a_manual_that_is_out_of_date_is_found(text, sha256, found):
    (told,) = findings(text, sha256=sha256, drill=None)

    assert found in told


def test_a_later_drill_makes_it_out_of_date(tmp_path):
    first = drilled(tmp_path)
    text = manual(SHIPPED, last_proven(tmp_path, SHIPPED), sha256=SHA256, now=NOW).encode()
    second = drilled(tmp_path, night=1)
    (told,) = findings(text, sha256=SHA256, drill=last_proven(tmp_path, SHIPPED))

    assert f"rests on the drill {first.id}, and the last one that was proven is {second.id}" in told


def test_the_pdf_is_tagged_titled_and_says_the_same(tmp_path):
    needed("pypdf", "pip install 'dr-drill[readers]'")
    from pypdf import PdfReader

    drilled(tmp_path)
    drill = last_proven(tmp_path, SHIPPED)
    reader = PdfReader(io.BytesIO(pdf(SHIPPED, drill, sha256=SHA256, now=NOW)))
    text = " ".join("".join(page.extract_text() for page in reader.pages).split()).replace("\u200b", "")

    assert (True, "en") == (reader.trailer["/Root"]["/MarkInfo"]["/Marked"], reader.trailer["/Root"]["/Lang"])
    assert ("Backup & Recovery: procedures", NOW.date()) == (
        reader.metadata.title,
        reader.metadata.creation_date.date(),
    )
    assert [] == [step.procedure for step in SHIPPED.recovery if step.procedure not in text]
    assert "6 of 6 contacts are still placeholders" in text
    assert drill.run in text.replace(" ", "")


def test_a_pdf_that_is_out_of_date_is_found(tmp_path):
    written = pdf(SHIPPED, None, sha256=SHA256, now=NOW)

    assert [] == list(findings(written, sha256=SHA256, drill=None))
    assert ["the policy has changed since it was written"] == list(findings(written, sha256="b" * 64, drill=None))


@pytest.mark.parametrize("name", ["runbook.md", "runbook.pdf"])
def test_the_command_writes_it_and_finds_it_stale(tmp_path, name):
    drilled(tmp_path)
    page, options = str(tmp_path / name), ["--reports", str(tmp_path), *POLICY]

    assert 0 == CliRunner().invoke(app, ["runbook", "--output", page, *options]).exit_code
    assert 0 == CliRunner().invoke(app, ["runbook", "--check", page, *options]).exit_code
    drilled(tmp_path, night=1)
    told = CliRunner().invoke(app, ["runbook", "--check", page, *options])
    assert 1 == told.exit_code
    assert "write it anew" in told.output
    assert 2 == CliRunner().invoke(app, ["runbook", "--check", str(tmp_path / "none"), *options]).exit_code
