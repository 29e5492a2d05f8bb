"""dr-drill report, as a person or a pipeline calls it."""

from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from drill.cli import app
from drill.policy import load
from tests.evidence.rehearsal import REPOSITORY
from tests.reporting.months import Nights, history


@pytest.fixture
def run():
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_the_report_of_a_span_is_written_beside_the_runs_and_listed(run, tmp_path):
    first = (datetime.now(UTC) - timedelta(days=2)).replace(hour=1, minute=0, second=0, microsecond=0)
    history(tmp_path, load(REPOSITORY / "policy.toml"), Nights(number=2, scenarios=30, first=first))
    named = ("--reports", tmp_path, "--policy", REPOSITORY / "policy.toml")
    shown = run("report", "--since", first.date(), "--until", first.date() + timedelta(days=2), "--lang", "vi", *named)
    written = sorted(path.name for path in (tmp_path / "monthly").iterdir())

    assert 0 == shown.exit_code, shown.output
    assert "chưa chứng minh" in shown.stdout
    assert "! Số lần chạy không ai bảo chứng cho bằng chứng: 2. Ai ghi được vào đó thì cũng sửa được." in shown.stdout
    assert [".json", ".oscal.json", ".vi.html", ".vi.pdf"] == [f".{name.split('.', 1)[1]}" for name in written]
    assert written[0] in (tmp_path / "index.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--month", "2026-13"], "'2026-13' is no month; write it as in 2026-11"),
        (["--month", "2026-01", "--since", "2026-01-02"], "give --month, or --since"),
        (["--until", "2026-01-02"], "give --month, or --since"),
        (["--month", "2026-01", "--lang", "fr"], "no report is written in 'fr'"),
        (["--month", "2999-01"], "has not come yet"),
        (["--month", "2026-01", "--reports", "nowhere"], "nowhere is no directory"),
    ],
)
def test_what_cannot_be_is_told(run, tmp_path, monkeypatch, arguments, said):
    (tmp_path / "reports").mkdir()
    monkeypatch.chdir(tmp_path)
    named = [] if "--reports" in arguments else ["--reports", tmp_path / "reports"]
    shown = run("report", *arguments, *named, "--policy", REPOSITORY / "policy.toml")

    assert (2, True) == (shown.exit_code, said in shown.stderr), shown.stderr


def test_a_policy_whose_document_is_not_there_is_told(run, tmp_path):
    (tmp_path / "reports").mkdir()
    (tmp_path / "policy.toml").write_text((REPOSITORY / "policy.toml").read_text("utf-8"), "utf-8")
    shown = run("report", "--month", "2026-01", "--policy", tmp_path / "policy.toml", "--reports", tmp_path / "reports")

    assert 2 == shown.exit_code
    assert "document.source: 'docs/source/backup-and-recovery.md' cannot be read" in shown.stderr
