"""postgres_basebackup: what is stored, and a clear error and no backup when something is wrong."""

import json
import shutil
import signal
import tarfile
from datetime import datetime

import psycopg
import pytest

from drill.waiting import Patience, eventually
from tests.backup_scripts.operating import NOBODYS_PORT, Scripts, command_lines, ended, replacing, restate
from tests.backup_scripts.test_backup_verify import flip


@pytest.fixture
def backups(scripts: Scripts, plant) -> Scripts:
    return scripts.on(plant.environment())


@pytest.fixture(scope="session")
def taken_from_plant(plant, runtime):
    """A repository with a full backup and an incremental one on it, to be copied."""
    repository = runtime.workspace.directory / "taken-from-plant"
    repository.mkdir(mode=0o700)
    there = Scripts(repository, plant.environment())
    return repository, [
        there.done("postgres_basebackup")["id"],
        there.done("postgres_basebackup", "--incremental")["id"],
    ]


@pytest.fixture
def chain(backups: Scripts, taken_from_plant) -> list[str]:
    repository, ids = taken_from_plant
    shutil.copytree(repository, backups.repository, dirs_exist_ok=True)
    return ids


def refused(ran) -> tuple[int, str]:
    return ran.status, ran.slug


def test_the_manifest_says_what_was_stored(backups: Scripts, plant):
    printed = backups.on({"BACKUP_TIER": "weekly"}).done("postgres_basebackup")
    backup = backups.home / printed["id"]
    with plant.connect("postgres") as connection:
        (identifier,) = connection.execute("SELECT system_identifier::text FROM pg_control_system()").fetchone()
        (now,) = connection.execute("SELECT clock_timestamp()").fetchone()
    source = printed["source"]
    written = json.loads((backup / "backup_manifest").read_text())

    assert printed == json.loads((backup / "manifest.json").read_text())
    assert ("full", None, "weekly") == (printed["kind"], printed["parent"], printed["tier"])
    assert ("postgresql", identifier, "on", 1) == tuple(
        source[name] for name in ("engine", "system_identifier", "data_checksums", "timeline")
    )
    assert (16 << 20, {}) == (source["wal_segment_size"], source["tablespaces"])
    assert (written["WAL-Ranges"][0]["Start-LSN"], written["WAL-Ranges"][0]["End-LSN"]) == (
        source["start_lsn"],
        source["stop_lsn"],
    )
    assert datetime.fromisoformat(source["stop_time"]) < now
    assert printed["stored_bytes"] < printed["source_bytes"]
    assert {"backup_manifest", "base", "pg_wal"} == {file["path"].partition(".tar")[0] for file in printed["files"]}


def test_an_incremental_backup_holds_little_and_names_what_it_builds_on(backups: Scripts, chain):
    full, incremental = (json.loads((backups.home / each / "manifest.json").read_text()) for each in chain)

    assert ("incremental", full["id"]) == (incremental["kind"], incremental["parent"])
    assert incremental["stored_bytes"] < full["stored_bytes"] / 4
    assert (
        next(file["sha256"] for file in full["files"] if file["path"] == "backup_manifest")
        == (incremental["source"]["parent_manifest"])
    )


def test_the_parent_may_be_named(backups: Scripts, chain):
    by_option = backups.done("postgres_basebackup", "--incremental", "--parent", chain[0])
    by_environment = backups.on({"BACKUP_PARENT_ID": chain[0]}).done("postgres_basebackup", "--incremental")
    newest = backups.done("postgres_basebackup", "--incremental")

    assert [chain[0], chain[0], by_environment["id"]] == [
        each["parent"] for each in (by_option, by_environment, newest)
    ]


@pytest.mark.parametrize("method", ["none", "gzip:6", "server-gzip:1"])
def test_the_compression_may_be_chosen(backups: Scripts, method):
    made = backups.done("postgres_basebackup", "--compress", method)
    base = next((backups.home / made["id"]).glob("base.tar*"))

    assert ("base.tar" if method == "none" else "base.tar.gz") == base.name
    with tarfile.open(base) as archive:
        assert "PG_VERSION" in archive.getnames()


def test_a_backup_whose_chain_is_broken_is_passed_over(backups: Scripts, chain):
    (backups.home / chain[1] / "base.tar.gz").unlink()
    made = backups.done("postgres_basebackup", "--incremental")

    assert chain[0] == made["parent"]


def test_a_backup_that_was_found_wrong_is_read_again_and_passed_over(backups: Scripts, chain):
    flip(backups.home / chain[1] / "base.tar.gz")
    found = backups.run("backup_verify")
    made = backups.done("postgres_basebackup", "--incremental")

    assert "checksum-mismatch" == found.slug
    assert chain[0] == made["parent"]


def test_without_a_backup_to_build_on_there_is_no_incremental_one(backups: Scripts):
    none = backups.run("postgres_basebackup", "--incremental")
    unknown = backups.run("postgres_basebackup", "--incremental", "--parent", "20260101T000000.000000Z-full")

    assert [(3, "no-such-backup")] * 2 == [refused(none), refused(unknown)]
    assert [] == backups.in_sight()


def cut(backup, _others):
    file = backup / "base.tar.gz"
    file.write_bytes(file.read_bytes()[:-1])


def of_another_server(backup, _others):
    stated = json.loads((backup / "manifest.json").read_text())
    restate(backup, source=stated["source"] | {"system_identifier": "1"})


def with_other_checksums(backup, _others):
    stated = json.loads((backup / "manifest.json").read_text())
    restate(backup, source=stated["source"] | {"data_checksums": "off"})


def without_its_parent(_backup, others):
    shutil.rmtree(others[0])


@pytest.mark.parametrize("damage", [cut, of_another_server, with_other_checksums, without_its_parent])
def test_a_parent_that_cannot_be_restored_is_refused(backups: Scripts, chain, damage):
    damage(backups.home / chain[1], [backups.home / chain[0]])
    before = backups.in_sight()
    ran = backups.run("postgres_basebackup", "--incremental", "--parent", chain[1])

    assert (3, "parent-unusable") == refused(ran)
    assert before == backups.in_sight()


def summarising(server, value: str) -> None:
    with server.connect("postgres") as connection:
        connection.execute(f"ALTER SYSTEM SET summarize_wal = {value}")
        connection.execute("SELECT pg_reload_conf()")


def test_without_summaries_of_the_log_there_is_no_incremental_backup(scripts: Scripts, own_plant):
    backups = scripts.on(own_plant.environment())
    full = backups.done("postgres_basebackup")
    summarising(own_plant, "off")
    off = backups.run("postgres_basebackup", "--incremental")
    with own_plant.connect("postgres") as connection:
        connection.execute("ALTER SYSTEM SET archive_command = '/bin/true'")
    own_plant.stop()
    shutil.rmtree(own_plant.data / "pg_wal" / "summaries")
    own_plant.start()
    with own_plant.connect("postgres") as connection:
        ((segment,),) = connection.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchall()
        newest = "SELECT last_archived_wal >= %s FROM pg_stat_archiver"
        eventually(
            f"{segment} to be archived",
            lambda: connection.execute(newest, [segment]).fetchone() == (True,),
            Patience.WAL_ARCHIVED,
        )
        connection.execute("CHECKPOINT")  # which removes what is archived
    summarising(own_plant, "on")
    gone = backups.run("postgres_basebackup", "--incremental")

    assert [(1, "summaries-missing")] * 2 == [refused(off), refused(gone)], gone.said
    assert "take a full backup" in gone.said
    assert [full["id"]] == backups.in_sight()


def test_a_role_that_may_not_replicate_is_named(backups: Scripts, plant, tmp_path):
    password = tmp_path / "pgpass"
    password.write_text("*:*:*:keeper:a secret\n")
    password.chmod(0o600)
    facts = {"PGUSER": "keeper", "PGPASSFILE": str(password)}
    ran = backups.on(facts).run("postgres_basebackup")
    with plant.connect("postgres") as connection:
        connection.execute("ALTER ROLE keeper REPLICATION")
        allowed = backups.on(facts).run("postgres_basebackup")
        connection.execute("ALTER ROLE keeper NOREPLICATION")

    assert (1, "replication-refused") == refused(ran)
    assert (0, "") == (allowed.status, allowed.said)


def test_a_server_that_lets_nobody_replicate_is_named(scripts: Scripts, own_plant):
    rules = own_plant.data / "pg_hba.conf"
    rules.write_text("\n".join(line for line in rules.read_text().splitlines() if "replication" not in line) + "\n")
    with own_plant.connect("postgres") as connection:
        connection.execute("SELECT pg_reload_conf()")
    ran = scripts.on(own_plant.environment()).run("postgres_basebackup")

    assert (1, "replication-refused") == refused(ran)
    assert [] == scripts.in_sight()


@pytest.mark.parametrize("incremental", [[], ["--incremental"]])
def test_an_unreachable_server_and_a_wrong_password_are_named(backups: Scripts, tmp_path, incremental):
    (tmp_path / "pgpass").write_text("*:*:*:*:guessed\n")
    (tmp_path / "pgpass").chmod(0o600)
    nobody = backups.on({"PGPORT": NOBODYS_PORT}).run("postgres_basebackup", *incremental)
    wrong = backups.on({"PGPASSFILE": str(tmp_path / "pgpass")}).run("postgres_basebackup", *incremental)

    assert [(1, "server-unreachable"), (1, "authentication-failed")] == [refused(nobody), refused(wrong)]
    assert "guessed" not in wrong.said
    assert [] == backups.in_sight()


@pytest.mark.parametrize(
    ("version", "arguments", "slug"),
    [("17.6", [], "version-mismatch"), ("16.10", ["--incremental"], "unsupported-version")],
)
def test_versions_that_cannot_do_it_are_named(backups: Scripts, tmp_path, version, arguments, slug):
    claim = f"echo 'pg_basebackup (PostgreSQL) {version}'"
    environment = replacing("pg_basebackup", claim, environment=backups.environment, directory=tmp_path / "old")
    if arguments:  # an old server, as far as the script can see
        asked = f'"$REAL" "$@" | sed \'s/"server_version" : "[0-9.]*"/"server_version" : "{version}"/\''
        environment = replacing("psql", asked, environment=environment, directory=tmp_path / "asked")
    ran = backups.on(environment).run("postgres_basebackup", *arguments)

    assert (1, slug) == refused(ran)


def test_a_full_disk_is_named_and_is_given_free_again(full_disk: Scripts, plant):
    ran = full_disk.on(plant.environment()).run("postgres_basebackup")

    assert (1, "disk-full") == refused(ran)
    assert [] == full_disk.in_sight()


@pytest.mark.parametrize("lost", ["base.tar.gz", "pg_wal.tar.gz", "backup_manifest"])
def test_a_copy_that_lacks_a_part_is_no_backup_whatever_the_program_says(backups: Scripts, tmp_path, lost):
    script = f"""
    "$REAL" "$@" || exit
    for word in "$@"; do case $word in --pgdata=*) rm "${{word#--pgdata=}}/{lost}";; esac; done"""
    environment = replacing("pg_basebackup", script, environment=backups.environment, directory=tmp_path)
    ran = backups.on(environment).run("postgres_basebackup")

    assert (1, "backup-incomplete") == refused(ran)
    assert [] == backups.in_sight()


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_a_backup_that_is_ended_half_way_looks_like_none(backups: Scripts, end):
    def copying() -> list[str]:
        return [line for line in command_lines() if "pg_basebackup" in line and str(backups.home) in line]

    slow = ["--compress", "gzip:9"]
    with backups.start("postgres_basebackup", *slow) as process:
        eventually("it copies", lambda: list(backups.home.glob(".partial-*/base.tar.gz")), Patience.SERVER_READY)
        process.send_signal(end)
        ran = ended(process)
        eventually("pg_basebackup ends", lambda: not copying(), Patience.SERVER_READY)
    left = backups.in_sight()
    made = backups.done("postgres_basebackup")

    assert (1, "interrupted") == refused(ran) if end is signal.SIGTERM else ran.status < 0
    assert all(name.startswith(".partial-") for name in left)
    assert [made["id"]] == backups.in_sight()


def test_of_two_at_once_one_is_told_to_wait(backups: Scripts, tmp_path):
    begun, go_on = tmp_path / "begun", tmp_path / "go-on"
    script = f"""
    case "$1" in --version) ;; *) touch {begun}; while ! test -e {go_on}; do sleep 0.05; done;; esac
    exec "$REAL" "$@" """
    environment = replacing("pg_basebackup", script, environment=backups.environment, directory=tmp_path)
    with backups.on(environment).start("postgres_basebackup") as first:
        eventually("the first begins", begun.exists, Patience.SERVER_READY)
        second = backups.run("postgres_basebackup")
        go_on.touch()
        ran = ended(first)

    assert (1, "set-busy") == refused(second)
    assert 0 == ran.status
    assert [ran.result["id"]] == backups.in_sight()


def test_no_password_is_in_sight(backups: Scripts, runtime):
    password = runtime.workspace.password.get_secret_value()
    seen = set()
    with backups.start("postgres_basebackup") as process:
        while process.poll() is None:
            seen.update(command_lines())
        output, said = process.communicate()

    assert [line for line in seen if "pg_basebackup --no-password" in line]
    assert password not in output + said + "".join(seen)


def test_tablespaces_are_named_with_their_places(scripts: Scripts, own_plant, runtime):
    place = runtime.workspace.make(f"{own_plant.service.home.name}/fast disk")
    with own_plant.connect("shop") as connection:
        connection.execute(psycopg.sql.SQL("CREATE TABLESPACE fast LOCATION {}").format(str(place)))
        (oid,) = connection.execute("SELECT oid FROM pg_tablespace WHERE spcname = 'fast'").fetchone()
    made = scripts.on(own_plant.environment()).done("postgres_basebackup")

    assert {str(oid): str(place)} == made["source"]["tablespaces"]
    assert f"{oid}.tar.gz" in [file["path"] for file in made["files"]]
