"""postgres_wal receive: the log as it is written, and a server that comes back with the last commit in it."""

import signal
import subprocess
from contextlib import contextmanager

import pytest

from drill.waiting import Patience, eventually
from tests.backup_scripts import physical
from tests.backup_scripts.operating import CHECKOUT, NOBODYS_PORT, Ran, Scripts, ended


@contextmanager
def receiving(scripts: Scripts, **facts: str):
    process = subprocess.Popen(
        [CHECKOUT / "backup_scripts" / "postgres_wal", "receive"],
        env={"BACKUP_REPOSITORY": str(scripts.repository), "BACKUP_SET": scripts.set, **scripts.environment, **facts},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def received(scripts: Scripts, **facts: str) -> Ran:
    with receiving(scripts, **facts) as process:
        return ended(process)


@pytest.fixture
def streamed(own_plant, runtime) -> Scripts:
    """The scripts with a repository that the server can read."""
    repository = own_plant.service.home / "repository"
    (repository / "shop").mkdir(parents=True)
    physical.give(runtime, repository)
    physical.give_archiver(own_plant)
    return Scripts(repository, own_plant.environment())


def slots(server) -> list[tuple]:
    with server.connect("postgres") as connection:
        return connection.execute("SELECT slot_name, active FROM pg_replication_slots").fetchall()


def flushed(server) -> bool:
    with server.connect("postgres") as connection:
        return connection.execute(
            "SELECT bool_and(flush_lsn >= pg_current_wal_lsn()) FROM pg_stat_replication"
        ).fetchone()[0]


def test_what_was_received_until_the_server_died_comes_back(streamed: Scripts, own_plant, runtime):
    backup = streamed.done("postgres_basebackup")
    with receiving(streamed) as process:
        eventually("it receives", lambda: ("wal_shop", True) in slots(own_plant), Patience.SERVER_READY)
        physical.change(own_plant, "the last commit")
        eventually("all is received", lambda: flushed(own_plant), Patience.SERVER_READY)
        own_plant.lose_data()
        process.send_signal(signal.SIGTERM)
        ran = ended(process)
    names = sorted(path.name for path in (streamed.home / "stream").iterdir())
    physical.give(runtime, streamed.home / "stream")
    fetch = f"{physical.environment(streamed.repository)} {own_plant.service.home}/postgres_wal fetch %f %p"
    recovering = streamed.on({"RESTORE_TARGET": str(own_plant.data), "RESTORE_COMMAND": fetch})
    made = recovering.done("postgres_recover")
    own_plant.start()
    recovering.done("postgres_recover", "--await")

    assert 0 == ran.status, ran.said
    assert names[-1].endswith(".partial")
    assert backup["id"] == made["backup_id"]
    assert "the last commit" == physical.state(own_plant)


def recorded(scripts: Scripts) -> dict[str, str]:
    index = scripts.home / "stream" / "received.sha256"
    return dict(reversed(line.split("  ")) for line in index.read_text().splitlines()) if index.exists() else {}


def test_each_segment_that_was_received_whole_is_recorded_and_none_twice(streamed: Scripts, own_plant):
    for number in range(2):
        with receiving(streamed) as process:
            eventually("it receives", lambda: ("wal_shop", True) in slots(own_plant), Patience.SERVER_READY)
            physical.change(own_plant, f"change {number}")
            with own_plant.connect("postgres") as connection:
                ((whole,),) = connection.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchall()
            eventually(f"{whole} to be recorded", lambda name=whole: name in recorded(streamed), Patience.WAL_ARCHIVED)
            process.send_signal(signal.SIGTERM)
            assert 0 == ended(process).status
    lines = (streamed.home / "stream" / "received.sha256").read_text().splitlines()
    checked = subprocess.run(
        ["sha256sum", "--check", "--strict", "received.sha256"], cwd=streamed.home / "stream", check=False
    )

    assert 2 == len(lines) == len(recorded(streamed))
    assert 0 == checked.returncode


@pytest.mark.parametrize(("damage", "slug"), [("altered", "checksum-mismatch"), ("lost", "wal-missing")])
def test_what_was_received_and_is_not_the_same_any_more_is_refused(streamed: Scripts, own_plant, damage, slug):
    streamed.done("postgres_basebackup")
    with receiving(streamed) as process:
        eventually("it receives", lambda: ("wal_shop", True) in slots(own_plant), Patience.SERVER_READY)
        physical.change(own_plant, "the last commit")
        with own_plant.connect("postgres") as connection:
            ((whole,),) = connection.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchall()
        eventually(f"{whole} to be recorded", lambda: whole in recorded(streamed), Patience.WAL_ARCHIVED)
        own_plant.lose_data()
        process.send_signal(signal.SIGTERM)
        ended(process)
    segment = streamed.home / "stream" / whole
    if damage == "lost":
        segment.unlink()
    else:
        content = bytearray(segment.read_bytes())
        content[len(content) // 2] ^= 1
        segment.write_bytes(content)
    verified = streamed.run("backup_verify")
    ran = streamed.on({"RESTORE_TARGET": str(own_plant.data), "RESTORE_COMMAND": "false"}).run("postgres_recover")

    assert (3, slug) == (ran.status, ran.slug), ran.said
    assert (3, slug) == (verified.status, verified.slug), verified.said
    assert not own_plant.data.exists()


def test_the_slot_may_be_named_and_is_used_again(streamed: Scripts, own_plant):
    for _ in range(2):
        with receiving(streamed, WAL_SLOT="mine") as process:
            eventually("it receives", lambda: ("mine", True) in slots(own_plant), Patience.SERVER_READY)
            process.send_signal(signal.SIGTERM)
            assert 0 == ended(process).status

    assert [("mine", False)] == slots(own_plant)


@pytest.mark.parametrize(
    ("facts", "status", "slug"),
    [
        ({"PGPORT": NOBODYS_PORT}, 1, "server-unreachable"),
        ({"PGUSER": "nobody"}, 1, "authentication-failed"),
        ({"PGPASSFILE": "/dev/null"}, 1, "authentication-failed"),
        ({"WAL_SLOT": "Not A Name"}, 2, "wrong-slot"),
        ({"BACKUP_REPOSITORY": "/none"}, 1, "repository-unwritable"),
        ({"BACKUP_SET": "a/b"}, 2, "wrong-set"),
        ({"BACKUP_SET": ""}, 2, "environment-missing"),
        ({"BACKUP_RECIPIENT": "age1"}, 1, "cannot-encrypt"),
        ({"PATH": "/none"}, 1, "tool-missing"),
    ],
)
def test_what_is_wrong_is_named(scripts: Scripts, plant, facts, status, slug):
    ran = received(scripts.on(plant.environment()), **facts)

    assert (status, slug) == (ran.status, ran.slug), ran.said


def test_a_role_that_may_not_replicate_is_named(scripts: Scripts, plant, tmp_path):
    (tmp_path / "pgpass").write_text("*:*:*:keeper:a secret\n")
    (tmp_path / "pgpass").chmod(0o600)
    ran = received(scripts.on(plant.environment()), PGUSER="keeper", PGPASSFILE=str(tmp_path / "pgpass"))

    assert (1, "replication-refused") == (ran.status, ran.slug), ran.said
    assert "a secret" not in ran.said
