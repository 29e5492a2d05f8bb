"""``dr-drill schedule``: files where they are wanted, and no secrets."""

import shutil

import pytest
import yaml
from typer.testing import CliRunner

from drill.cli import app
from drill.timetable.crontab import FILE
from tests.procedures import SHIPPED
from tests.timetable.schedules import ALL, BERLIN, HANOI


def run(*words):
    return CliRunner().invoke(app, ["schedule", "--policy", str(SHIPPED.file), *words])


@pytest.mark.parametrize("scheduler", ["crontab", "systemd", "kubernetes"])
def test_no_secret_is_ever_written(scheduler, monkeypatch):
    for name in ("PGPASSWORD", "REDISCLI_AUTH", "PGBACKREST_CONFIG"):
        monkeypatch.setenv(name, "s3cr3t")
    shown = run("--format", scheduler, "--image", "ops/backup:1.4")

    assert (0, "") == (shown.exit_code, shown.stderr)
    assert "REDISCLI_AUTH" in shown.stdout
    assert "s3cr3t" not in shown.stdout


def test_standard_output_is_one_stream_of_manifests():
    read = list(yaml.safe_load_all(run("--format", "kubernetes", "--image", "ops/backup:1.4").stdout))

    assert len(ALL) == len(read)


@pytest.mark.parametrize(("scheduler", "name"), [("crontab", FILE), ("systemd", "dr-drill-redis-prune.timer")])
def test_files_are_written_where_they_are_wanted(tmp_path, scheduler, name):
    shown = run("--format", scheduler, "--output", str(tmp_path / "new"))
    again = run("--format", scheduler, "--output", str(tmp_path / "new"))

    assert (0, shown.stdout) == (again.exit_code, again.stdout)
    assert (tmp_path / "new" / name).is_file()
    assert not [path for path in (tmp_path / "new").iterdir() if path.name.startswith(".")]


def test_a_place_that_cannot_be_written_to_is_an_error(tmp_path):
    (tmp_path / "file").touch()
    refused = run("--format", "crontab", "--output", str(tmp_path / "file"))

    assert 2 == refused.exit_code
    assert "cannot be written to" in refused.stderr


def test_another_scheduler_is_wrong_usage():
    assert 2 == run("--format", "airflow").exit_code


def test_a_time_in_doubt_is_written_with_a_warning(tmp_path):
    text = SHIPPED.file.read_text("utf-8").replace(
        f'"20 3 * * *"\ntime_zone = "{HANOI}"', f'"20 2 * * *"\ntime_zone = "{BERLIN}"'
    )
    (tmp_path / "docs/source").mkdir(parents=True)
    shutil.copy(SHIPPED.directory / SHIPPED.document.source, tmp_path / SHIPPED.document.source)
    (tmp_path / "policy.toml").write_text(text, "utf-8")
    shown = CliRunner().invoke(app, ["schedule", "--format", "crontab", "--policy", str(tmp_path / "policy.toml")])

    assert 0 == shown.exit_code
    assert "warning: clock-change:postgres-prune" in shown.stderr
