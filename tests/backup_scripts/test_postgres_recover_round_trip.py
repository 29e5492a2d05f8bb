"""postgres_basebackup and postgres_recover: all of the server comes back, whole, or nothing does."""

import os
import shutil
import signal
import stat
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest

from drill.waiting import Patience, eventually
from tests.backup_scripts import physical
from tests.backup_scripts.interruption import TELLING, Interruption
from tests.backup_scripts.operating import Scripts, command_lines, ended, replacing


@pytest.fixture
def with_tablespace(scripts: Scripts, own_plant, runtime):
    """A server with a tablespace, and the scripts to recover it in its own place without any archive."""
    place = runtime.workspace.make(f"{own_plant.service.home.name}/fast disk")
    with own_plant.connect("shop") as connection:
        connection.execute(psycopg.sql.SQL("CREATE TABLESPACE fast LOCATION {}").format(str(place)))
        connection.execute("CREATE TABLE quick TABLESPACE fast AS SELECT generate_series(1, 5000) n")
        connection.execute("ALTER SYSTEM SET archive_cleanup_command = 'false'")
    facts = {"RESTORE_TARGET": str(own_plant.data), "RESTORE_COMMAND": "false"}
    return own_plant, place, scripts.on(own_plant.environment() | facts)


def quick(server) -> int:
    with server.connect("shop") as connection:
        return connection.execute("SELECT sum(n) FROM quick").fetchone()[0]


def left_beside(server) -> list[str]:
    return [path.name for path in server.service.home.iterdir() if path.name.startswith(".")]


def test_a_chain_with_a_tablespace_brings_everything_back(with_tablespace):
    server, place, scripts = with_tablespace
    scripts.done("postgres_basebackup")
    for state in ("one", "two"):
        physical.change(server, state)
        with server.connect("shop") as connection:
            connection.execute("INSERT INTO quick SELECT generate_series(1, 10)")
        scripts.done("postgres_basebackup", "--incremental")
    held, sum_before = physical.held(server), quick(server)
    server.lose_data()
    shutil.rmtree(place)
    made = scripts.done("postgres_recover")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (server.data, place)}
    owners = {path.lstat().st_uid for path in (server.data, *server.data.rglob("*"), place, *place.rglob("*"))}
    beside = left_beside(server)
    server.start()
    scripts.done("postgres_recover", "--await")

    assert held == physical.held(server)
    assert sum_before == quick(server)
    assert 3 == len(made["chain"])
    assert {"backup_id", "set", "chain", "target", "directory", "seconds", "bytes"} == made.keys()
    assert ({0o700}, {server.service.home.stat().st_uid}, []) == (modes, owners, beside)


def test_a_chain_whose_recovery_was_killed_when_all_was_done_but_to_say_so_is_told_by_the_next_run(
    killing: Interruption, with_tablespace
):
    """What of the combined backups is removed in the end changes nothing that was put in its place."""
    server, place, scripts = with_tablespace
    scripts.done("postgres_basebackup")
    physical.change(server, "one")
    scripts.done("postgres_basebackup", "--incremental")
    sum_before = quick(server)
    server.lose_data()
    shutil.rmtree(place)
    killed = killing.killed(scripts, "postgres_recover", at=TELLING)
    again = scripts.run("postgres_recover")
    server.start()

    assert (True, "") == (killed.killed, killed.output)
    assert 0 == again.status, again.said
    assert 2 == len(again.result["chain"])
    assert ([], sum_before) == (left_beside(server), quick(server))


def test_a_tablespace_whose_place_is_taken_is_refused_and_nothing_appears(with_tablespace):
    server, place, scripts = with_tablespace
    scripts.done("postgres_basebackup")
    server.lose_data()
    before = sorted(place.rglob("*"))
    ran = scripts.run("postgres_recover")

    assert (3, "target-not-empty") == (ran.status, ran.slug)
    assert before == sorted(place.rglob("*"))
    assert not server.data.exists()


@pytest.fixture
def stored(scripts: Scripts, plant, taken, lost) -> Scripts:
    shutil.copytree(taken, scripts.repository, dirs_exist_ok=True)
    return scripts.on(lost.environment() | {"RESTORE_TARGET": str(lost.data), "RESTORE_COMMAND": "false"})


@pytest.fixture(scope="session")
def taken(plant, runtime):
    # Other modules use this fixture as well, and each has its own.
    repository = Path(tempfile.mkdtemp(prefix="one-full-backup-", dir=runtime.workspace.directory))
    Scripts(repository, plant.environment()).done("postgres_basebackup")
    return repository


def test_an_empty_directory_is_taken_as_the_target(stored: Scripts, lost, runtime):
    runtime.workspace.make(str(lost.data.relative_to(runtime.workspace.directory)))
    stored.done("postgres_recover")
    lost.start()

    assert "start" == physical.state(lost)


def test_pg_verifybackup_agrees_with_what_was_restored(stored: Scripts, lost):
    stored.done("postgres_recover")
    checked = subprocess.run(
        ["pg_verifybackup", str(lost.data)], env=stored.environment, capture_output=True, text=True, check=False
    )

    assert (0, "") == (checked.returncode, checked.stderr)


def test_unlogged_tables_come_back_empty(scripts: Scripts, own_plant):
    with own_plant.connect("shop") as connection:
        connection.execute("CREATE UNLOGGED TABLE passing AS SELECT 1 AS n")
    backups = scripts.on(own_plant.environment())
    backups.done("postgres_basebackup")
    own_plant.lose_data()
    backups.on({"RESTORE_TARGET": str(own_plant.data), "RESTORE_COMMAND": "false"}).done("postgres_recover")
    own_plant.start()
    backups.done("postgres_recover", "--await")
    with own_plant.connect("shop") as connection:
        assert (0,) == connection.execute("SELECT count(*) FROM passing").fetchone()


def at_work(tmp_path) -> list[str]:
    return [line for line in command_lines() if line.startswith("tail ") and str(tmp_path) in line]


def slow(scripts: Scripts, tmp_path) -> Scripts:
    script = f"touch {tmp_path}/begun; exec tail -f {tmp_path}/begun"
    tmp_path.chmod(0o777)
    for parent in tmp_path.parents:  # the program runs as the server's user
        if os.getuid() == 0 and parent.stat().st_uid == 0 and not parent.stat().st_mode & 0o001:
            parent.chmod(parent.stat().st_mode | 0o011)
    return scripts.on(replacing("tar", script, environment=scripts.environment, directory=tmp_path / "slow"))


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_a_restore_that_is_ended_half_way_leaves_no_target(stored: Scripts, lost, tmp_path, end):
    with slow(stored, tmp_path).start("postgres_recover") as process:
        eventually("it unpacks", (tmp_path / "begun").exists, Patience.SERVER_READY)
        process.send_signal(end)
        ran = ended(process)
    eventually("all ends", lambda: not at_work(tmp_path), Patience.SERVER_GONE)
    left = [path.name for path in lost.service.home.iterdir() if path.name in ("data", ".partial-data")]
    stored.done("postgres_recover")

    assert left == ([".partial-data"] if end is signal.SIGKILL else [])
    assert ran.slug == (None if end is signal.SIGKILL else "interrupted")
    assert [] == left_beside(lost)


def test_of_two_restores_to_one_place_one_is_told_to_wait(stored: Scripts, lost, tmp_path):
    with slow(stored, tmp_path).start("postgres_recover") as first:
        eventually("the first unpacks", (tmp_path / "begun").exists, Patience.SERVER_READY)
        second = stored.run("postgres_recover")
        first.terminate()
        ended(first)

    assert (1, "target-busy") == (second.status, second.slug)
    assert not lost.data.exists()


@pytest.mark.skipif(os.getuid() != 0, reason="only root may mount a file system")
def test_a_full_disk_is_named_and_is_given_free_again(stored: Scripts, tmp_path):
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(tmp_path)], check=True)
    try:
        ran = stored.on({"RESTORE_TARGET": str(tmp_path / "data")}).run("postgres_recover")
        left = list(tmp_path.iterdir())
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)

    assert (1, "disk-full", []) == (ran.status, ran.slug, left), ran.said


def test_a_mount_point_is_refused_as_a_target(stored: Scripts):
    ran = stored.on({"RESTORE_TARGET": "/proc"}).run("postgres_recover")

    assert 3 == ran.status
