"""The commands for the write-ahead log reach the server as they were meant, whatever is in their paths."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from drill.errors import DrillError
from drill.policy import Command
from drill.secrecy.encryption import encrypted
from drill.servers.wal_keeping import WalKeeping
from tests.procedures import SHIPPED, script

ODD = """50% "of" it's %p\\n"""
SEGMENT = "00000001000000000000000A"


@pytest.fixture
def keeping(tmp_path):
    """The shipped archiving, in a directory with an awkward name."""
    home = tmp_path / ODD
    (home / "programs").mkdir(parents=True)
    return WalKeeping(SHIPPED.procedures["postgres-physical"], home / "set", home / "programs")


def told(keeping, command):
    """What a program finds that is called by name in a command of the server."""
    keys = '"${BACKUP_RECIPIENT-none}" "${BACKUP_IDENTITY_FILE-none}"'
    tell = f'printf "%s\\n" "$BACKUP_REPOSITORY" "$BACKUP_SET" {keys} "$@"'
    script(keeping.programs / "postgres_wal", tell)
    said = subprocess.run(["sh", "-c", command], check=True, capture_output=True, text=True)
    return said.stdout.splitlines()


def of_postgres(value, *, path="", name=""):
    """What the server makes of a setting's line, and of the command in it."""
    assert re.fullmatch("'(?:[^']|'')*'", value)
    text = value[1:-1].replace("''", "'").replace("\\\\", "\\")
    return text.replace("%%", "\0").replace("%p", path).replace("%f", name).replace("\0", "%")


def settings(keeping, **options):
    lines = keeping.settings(**{"summaries": True, **options}).splitlines()
    return dict(line.split(" = ", 1) for line in lines)


def test_the_server_is_told_to_archive_and_to_summarize(keeping):
    found = settings(keeping)

    assert ["summarize_wal", "archive_mode", "archive_command", "archive_timeout"] == list(found)
    assert ("on", "on", "300s") == (found["summarize_wal"], found["archive_mode"], found["archive_timeout"])


def test_a_server_that_cannot_summarize_is_not_told_to(keeping):
    assert "summarize_wal" not in settings(keeping, summaries=False)


@pytest.mark.parametrize(
    ("limit", "written"),
    [(timedelta(milliseconds=200), "1s"), (timedelta(seconds=60), "60s"), (timedelta(days=1), "86400s")],
)
def test_the_limit_of_age_is_written_in_whole_seconds_and_never_as_nought(keeping, limit, written):
    short = replace(keeping, procedure=keeping.procedure.model_copy(update={"archive_timeout": limit}))

    assert written == settings(short)["archive_timeout"]


def test_streaming_changes_no_setting(tmp_path):
    streamed = WalKeeping(SHIPPED.procedures["postgres-streaming"], tmp_path / "set", tmp_path)

    assert {} == settings(streamed)


def test_quotes_and_percent_signs_in_paths_survive_the_server_and_its_shell(keeping):
    command = of_postgres(settings(keeping)["archive_command"], path="pg_wal/x", name=SEGMENT)

    assert [str(keeping.directory.parent), "set", "none", "none", "archive", "pg_wal/x", SEGMENT] == told(
        keeping, command
    )


@pytest.mark.postgres
def test_the_server_reads_the_settings_as_they_were_meant(keeping, fresh_postgres):
    fresh_postgres.stop()
    with (fresh_postgres.data / "postgresql.auto.conf").open("a") as file:
        file.write(keeping.settings(summaries=True))
    fresh_postgres.start()
    with fresh_postgres.connect() as connection:
        ((command,),) = connection.execute("SELECT current_setting('archive_command')").fetchall()

    assert of_postgres(settings(keeping)["archive_command"], path="%p", name="%f") == command.replace("%%", "%")
    assert command.endswith(" postgres_wal archive %p %f")


def test_a_command_by_hand_is_the_same_as_by_the_server(keeping, tmp_path):
    path = tmp_path / f"{ODD} %f"

    assert ["archive", str(path), SEGMENT] == told(keeping, keeping.archive_command(path, SEGMENT))[-3:]
    assert ["fetch", SEGMENT, str(path)] == told(keeping, keeping.fetch_command(SEGMENT, path))[-3:]


def test_a_percent_sign_that_the_policy_doubled_stays_one(keeping):
    command = Command.parse("postgres_wal 100%% %f %p")
    changed = replace(keeping, procedure=keeping.procedure.model_copy(update={"fetch": command}))

    assert ["100%", SEGMENT, "x"] == told(changed, changed.fetch_command(SEGMENT, Path("x")))[-3:]


def test_a_log_that_nobody_keeps_cannot_be_archived_by_hand(keeping):
    streamed = replace(keeping, procedure=SHIPPED.procedures["postgres"])

    assert None is streamed.restore_command
    with pytest.raises(DrillError, match="postgres keeps no archive; give it archive = … and fetch = …"):
        streamed.archive_command(Path("x"), SEGMENT)


def test_the_newest_segment_is_the_newest_by_name_and_of_segments_only(keeping):
    keeping.archive.mkdir(parents=True)
    for name in (f"{SEGMENT}.gz", f"{SEGMENT[:-1]}9.gz.age", "00000002.history.gz", "archive.sha256", ".partial-F"):
        (keeping.archive / name).touch()

    assert SEGMENT == keeping.newest_segment()


def test_an_empty_archive_has_no_newest_segment(keeping):
    with pytest.raises(DrillError, match="holds no segment; have one archived first"):
        keeping.newest_segment()


@pytest.fixture
def places(runtime, tmp_path):
    repository = runtime.workspace.directory / tmp_path.name
    repository.mkdir()
    return {"repository": repository, "workspace": runtime.workspace}


def test_the_set_belongs_to_the_servers_user_and_its_programs_can_be_run(places, runtime):
    keeping = WalKeeping.prepared(SHIPPED, "postgres-physical", **places)

    assert (runtime.workspace.user.uid, 0o700) == (
        keeping.directory.stat().st_uid,
        keeping.directory.stat().st_mode & 0o777,
    )
    assert 0o755 == (keeping.programs / "postgres_wal").stat().st_mode & 0o777
    assert (keeping.directory, keeping.programs) == keeping.shared


def test_a_log_that_is_not_to_be_kept_needs_no_setting(places):
    keeping = WalKeeping.prepared(SHIPPED, "postgres-physical", kept=False, **places)

    assert {"summarize_wal": "on"} == settings(keeping)
    assert None is keeping.restore_command


def test_whoever_archives_has_the_public_key_and_whoever_fetches_the_secret_one(places, runtime):
    policy = encrypted(SHIPPED, workspace=runtime.workspace)
    keeping = WalKeeping.prepared(policy, "postgres-physical", **places)
    own = keeping.identity_file
    archive = shlex.split(of_postgres(settings(keeping)["archive_command"]))
    fetch = shlex.split(keeping.restore_command)

    assert f"BACKUP_RECIPIENT={policy.encryption.recipient}" in archive
    assert f"BACKUP_IDENTITY_FILE={own}" in fetch
    assert [] == [word for word in archive if "IDENTITY" in word] + [word for word in fetch if "RECIPIENT" in word]
    assert own.parent in keeping.shared
    assert policy.encryption.identity_file.read_text() == own.read_text()
    assert (runtime.workspace.user.uid, 0o600) == (own.stat().st_uid, own.stat().st_mode & 0o777)


def test_a_key_that_is_not_there_is_told_before_anything_runs(places, runtime):
    policy = encrypted(SHIPPED, workspace=runtime.workspace)
    policy.encryption.identity_file.unlink()

    with pytest.raises(DrillError, match=r"\.key: No such file or directory; correct encryption\.identity_file"):
        WalKeeping.prepared(policy, "postgres-physical", **places)


def test_of_a_log_that_is_copied_for_the_server_nothing_but_files_is_taken(tmp_path):
    procedure = SHIPPED.procedures["postgres-physical"]
    archive = tmp_path / "repository" / procedure.set / "wal"
    archive.mkdir(parents=True)
    (archive / f"{SEGMENT}.gz").write_bytes(b"log")
    (tmp_path / "secret").write_bytes(b"what only root may read")
    (archive / f"{SEGMENT[:-1]}B.gz").symlink_to(tmp_path / "secret")
    os.mkfifo(archive / "pipe")
    nobody = SimpleNamespace(can_enter=lambda _: False, is_other=False, give=lambda _: None)
    workspace = SimpleNamespace(user=nobody, directory=tmp_path, make=lambda name: made(tmp_path / name))
    reading = WalKeeping.reading(SHIPPED, procedure.name, repository=tmp_path / "repository", workspace=workspace)

    assert tmp_path / "repository" != reading.directory.parent
    assert [f"{SEGMENT}.gz"] == [each.name for each in reading.archive.iterdir()]


def made(place):
    place.mkdir()
    return place
