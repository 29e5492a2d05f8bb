"""Encryption with age: nobody without the secret key learns anything, and nobody with it restores anything altered."""

import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pyrage
import pytest

from backup_scripts.contract import Refused
from backup_scripts.encryption import identity
from drill.waiting import Patience, eventually
from tests.backup_scripts import physical
from tests.backup_scripts.operating import CHECKOUT, Ran, Scripts, ended, replacing
from tests.backup_scripts.test_postgres_round_trip import held

CANARY = "Xin chào, canary 4711"
AGE = f"""#!{sys.executable}
# The program age, as far as postgres_wal uses it.
import sys, pyrage
kind, key = sys.argv[1:3] if sys.argv[1] == "-r" else sys.argv[2:4]
if kind == "-r":
    pyrage.encrypt_io(sys.stdin.buffer, sys.stdout.buffer, [pyrage.x25519.Recipient.from_str(key)])
else:
    secrets = [pyrage.x25519.Identity.from_str(line) for line in open(key).read().split()]
    with open(sys.argv[4], "rb") as stored:
        pyrage.decrypt_io(stored, sys.stdout.buffer, secrets)
"""


@dataclass(frozen=True)
class Key:
    """A pair of keys, and the files that a restore may be pointed at."""

    public: str
    file: Path

    @property
    def recipient(self) -> dict[str, str]:
        return {"BACKUP_RECIPIENT": self.public}

    @property
    def identity(self) -> dict[str, str]:
        return {"BACKUP_IDENTITY_FILE": str(self.file)}


def made_key(directory: Path, name: str) -> Key:
    identity = pyrage.x25519.Identity.generate()
    file = directory / name
    file.write_text(f"# made for a test\n{identity}\n")
    file.chmod(0o600)
    return Key(str(identity.to_public()), file)


@pytest.fixture(scope="session")
def key(tmp_path_factory) -> Key:
    return made_key(tmp_path_factory.mktemp("key"), "key")


def contents(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(directory.rglob("*")) if path.is_file())


def flip_one_bit(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def restate_checksums(backup: Path) -> None:
    """Have the manifest agree with what the files are now, so that only the encryption itself can tell."""
    stated = json.loads((backup / "manifest.json").read_text())
    stated.pop("manifest_sha256")
    for file in stated["files"]:
        file["sha256"] = hashlib.sha256((backup / file["path"]).read_bytes()).hexdigest()
    (backup / "manifest.json").write_text(json.dumps(stated))


@pytest.fixture
def dumped(scripts: Scripts, shop, key) -> Path:
    made = scripts.on(shop.environment("shop") | key.recipient).done("postgres_dump", "--compress", "none")
    return scripts.home / made["id"]


def test_an_encrypted_dump_comes_back_and_nothing_of_it_is_readable(scripts: Scripts, dumped, shop, target, key):
    stated = json.loads((dumped / "manifest.json").read_text())
    with shop.connect("shop") as connection:
        (note,) = connection.execute('SELECT note FROM sales."order lines" WHERE note IS NOT NULL LIMIT 1').fetchone()
    scripts.on(target.environment() | key.identity).done("postgres_restore", dumped.name)

    assert held(shop) == held(target)
    assert "age X25519" == stated["encryption"]
    assert {".age"} == {Path(file["path"]).suffix for file in stated["files"]}
    assert note.encode() not in contents(scripts.repository)
    assert b"SCRAM-SHA-256" not in contents(scripts.repository)
    assert stated["stored_bytes"] == sum(path.stat().st_size for path in dumped.rglob("*.age"))


def test_an_encrypted_snapshot_comes_back(scripts: Scripts, cache, append_only_redis, key):
    made = scripts.on(cache.environment() | key.recipient).done("redis_snapshot")
    target = append_only_redis
    facts = target.environment() | {"REDIS_DIR": str(target.data)} | key.identity
    restored = scripts.on(facts).done("redis_restore", made["id"])

    assert 4 == restored["keys"]
    assert ["configuration.json.age", "dump.rdb.age"] == [file["path"] for file in made["files"]]


def test_an_encrypted_chain_comes_back(scripts: Scripts, own_plant, key):
    facts = own_plant.environment() | key.recipient | key.identity
    backups = scripts.on(facts | {"RESTORE_TARGET": str(own_plant.data), "RESTORE_COMMAND": "false"})
    backups.done("postgres_basebackup", "--compress", "none")
    physical.change(own_plant, CANARY)
    backups.done("postgres_basebackup", "--incremental", "--compress", "none")
    own_plant.lose_data()
    blind = backups.on({"BACKUP_IDENTITY_FILE": ""}).run("postgres_recover")
    beside = sorted(path.name for path in own_plant.service.home.iterdir())
    backups.done("postgres_recover")
    own_plant.start()
    backups.done("postgres_recover", "--await")

    assert (3, "key-missing") == (blind.status, blind.slug)
    assert not {"data", ".partial-data"} & set(beside)
    assert CANARY == physical.state(own_plant)
    assert CANARY.encode() not in contents(scripts.repository)
    assert b"canary " not in contents(scripts.repository)


def refused(scripts: Scripts, target, dumped: Path, facts: dict[str, str]) -> tuple[int, str | None]:
    """Return how a restore ended that left the target alone."""
    ran = scripts.on(target.environment() | facts).run("postgres_restore", dumped.name)

    assert ["postgres"] == target.database_names()
    return ran.status, ran.slug


def test_without_the_right_key_nothing_is_restored(scripts: Scripts, dumped, target, key, tmp_path):
    wrong, exposed, empty = made_key(tmp_path, "wrong"), tmp_path / "exposed", tmp_path / "empty"
    shutil.copy(key.file, exposed)
    exposed.chmod(0o640)
    empty.touch(0o600)

    assert (3, "key-missing") == refused(scripts, target, dumped, {})
    assert (3, "key-missing") == refused(scripts, target, dumped, {"BACKUP_IDENTITY_FILE": "/none"})
    assert (3, "key-missing") == refused(scripts, target, dumped, {"BACKUP_IDENTITY_FILE": str(empty)})
    assert (3, "key-exposed") == refused(scripts, target, dumped, {"BACKUP_IDENTITY_FILE": str(exposed)})
    assert (3, "wrong-key") == refused(scripts, target, dumped, wrong.identity)


def test_no_secret_key_is_told(scripts: Scripts, dumped, target, key, tmp_path):
    garbled = tmp_path / "garbled"
    garbled.write_text(key.file.read_text().replace("AGE-SECRET-KEY-1", "AGE-SECRET-KEY-1X"))
    garbled.chmod(0o600)
    ran = scripts.on(target.environment() | {"BACKUP_IDENTITY_FILE": str(garbled)}).run("postgres_restore", dumped.name)

    assert (3, "key-missing") == (ran.status, ran.slug)
    assert garbled.read_text().splitlines()[1] not in ran.said + ran.output


def test_one_flipped_bit_is_refused(scripts: Scripts, dumped, target, key):
    flip_one_bit(dumped / "roles.sql.age")
    by_checksum = refused(scripts, target, dumped, key.identity)
    restate_checksums(dumped)

    assert (3, "checksum-mismatch") == by_checksum
    assert (3, "wrong-key") == refused(scripts, target, dumped, key.identity)


def test_a_stored_file_that_the_disk_does_not_give_back_is_not_called_a_wrong_key(key, monkeypatch):
    monkeypatch.setenv("BACKUP_IDENTITY_FILE", str(key.file))
    # No address is as low as this: reading it fails as reading a broken disk does.
    broken = Path("/proc/self/mem")
    with broken.open("rb", buffering=0) as stored, pytest.raises(Refused, match=r"^file-unreadable: .*error"):
        identity().decrypt(stored, io.BytesIO())


def test_a_recipient_that_is_none_is_a_wrong_argument(scripts: Scripts, shop):
    ran = scripts.on(shop.environment("shop") | {"BACKUP_RECIPIENT": "age1nobody"}).run("postgres_dump")

    assert (2, "wrong-recipient") == (ran.status, ran.slug)
    assert [] == scripts.in_sight()


def test_a_missing_library_is_named(scripts: Scripts, shop, key, tmp_path):
    (tmp_path / "pyrage.py").write_text("raise ImportError\n")
    environment = shop.environment("shop") | key.recipient | {"PYTHONPATH": str(tmp_path)}
    ran = scripts.on(environment).run("postgres_dump")

    assert (1, "tool-missing") == (ran.status, ran.slug)


def test_what_a_killed_backup_left_in_plain_text_goes_with_the_next_one(scripts: Scripts, shop, key, tmp_path):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    begun = tmp_path / "begun"
    environment = shop.environment("shop") | key.recipient | {"TMPDIR": str(temporary)}
    script = f'"$REAL" "$@" || exit; case $1 in --version) ;; *) touch {begun}; exec tail -f {begun};; esac'
    slow = replacing("pg_dumpall", script, environment=environment, directory=tmp_path / "slow")
    with scripts.on(slow).start("postgres_dump") as process:
        eventually("the dump is written", begun.exists, Patience.SERVER_READY)
        process.send_signal(signal.SIGKILL)
    left = [path.stat().st_mode & 0o777 for path in temporary.iterdir()]
    scripts.on(environment).done("postgres_dump")

    assert [0o700] == left
    assert [] == list(temporary.iterdir())


@pytest.fixture(scope="module")
def without_age(tmp_path_factory) -> Path:
    """A directory with every program of the system but age, which may be installed."""
    programs = tmp_path_factory.mktemp("programs")
    for directory in os.defpath.split(os.pathsep):
        for program in Path(directory).iterdir():
            if program.name != "age" and not (programs / program.name).is_symlink():
                (programs / program.name).symlink_to(program)
    return programs


def wal(scripts: Scripts, tools: Path | str, *arguments: str, **facts: str) -> Ran:
    environment = {"BACKUP_REPOSITORY": str(scripts.repository), "BACKUP_SET": "shop", "PATH": str(tools)}
    command = ["/bin/sh", str(CHECKOUT / "backup_scripts" / "postgres_wal"), *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment | facts, **pipes) as process:
        return ended(process)


def test_an_encrypted_segment_is_fetched_with_its_key_alone(scripts: Scripts, key, without_age, tmp_path):
    segment, other, fetched, name = (
        tmp_path / "segment",
        tmp_path / "other",
        tmp_path / "out",
        "0000000100000000000000AB",
    )
    segment.write_text(CANARY * 1000)
    other.write_text("other")
    missing = wal(scripts, without_age, "archive", str(segment), name, **key.recipient)
    (tmp_path / "age").write_text(AGE)
    (tmp_path / "age").chmod(0o755)
    tools = f"{tmp_path}:{without_age}"
    archived = [wal(scripts, tools, "archive", str(each), name, **key.recipient) for each in (segment, segment, other)]
    blind = wal(scripts, tools, "fetch", name, str(fetched))
    wrong = wal(scripts, tools, "fetch", name, str(fetched), **made_key(tmp_path, "wrong").identity)
    untouched = not fetched.exists()
    one_line = tmp_path / "key"
    one_line.write_text(key.file.read_text().splitlines()[1])
    right = wal(scripts, tools, "fetch", name, str(fetched), BACKUP_IDENTITY_FILE=str(one_line))

    assert (1, "tool-missing") == (missing.status, missing.slug)
    assert [(0, None), (0, None), (3, "segment-differs")] == [(ran.status, ran.slug) for ran in archived]
    assert [(200, "key-missing"), (200, "wrong-key"), (0, None)] == [(r.status, r.slug) for r in (blind, wrong, right)]
    assert untouched
    assert segment.read_text() == fetched.read_text()
    assert CANARY.encode() not in contents(scripts.home)
    assert {f"{name}.gz.age", "archive.sha256", "contents.sha256"} == {
        path.name for path in (scripts.home / "wal").iterdir()
    }


@pytest.fixture
def with_age(tmp_path, without_age) -> str:
    """A search path on which the program age is found."""
    (tmp_path / "age").write_text(AGE)
    (tmp_path / "age").chmod(0o755)
    return f"{tmp_path}:{without_age}"


def secret(key: Key, file: Path) -> str:
    """The bare secret key, as the last one of a file."""
    with file.open("a") as keys:
        keys.write(key.file.read_text().splitlines()[1] + "\n")
    return str(file)


@pytest.mark.parametrize(("index", "slug"), [("recorded", "wal-damaged"), ("not recorded", "wrong-key")])
def test_an_encrypted_segment_with_a_flipped_bit_is_never_given_to_the_server(
    scripts: Scripts, key, with_age, tmp_path, index, slug
):
    segment, fetched, name = tmp_path / "segment", tmp_path / "out", "0000000100000000000000AB"
    segment.write_bytes(os.urandom(100_000))
    wal(scripts, with_age, "archive", str(segment), name, **key.recipient)
    flip_one_bit(scripts.home / "wal" / f"{name}.gz.age")
    if index == "not recorded":
        (scripts.home / "wal" / "archive.sha256").unlink()
    ran = wal(scripts, with_age, "fetch", name, str(fetched), BACKUP_IDENTITY_FILE=secret(key, tmp_path / "key"))

    assert (200, slug) == (ran.status, ran.slug)
    assert not fetched.exists()


def test_segments_of_before_a_change_of_keys_are_fetched_and_the_new_key_alone_does_not_do(
    scripts: Scripts, key, with_age, tmp_path
):
    new, fetched = made_key(tmp_path, "new"), tmp_path / "out"
    names = {"0000000100000000000000AB": key, "0000000100000000000000AC": new}
    for name, each in names.items():
        (tmp_path / name).write_text(name)
        wal(scripts, with_age, "archive", str(tmp_path / name), name, **each.recipient)
    alone = secret(new, tmp_path / "alone")
    both = secret(key, Path(secret(new, tmp_path / "both")))
    old, newer = (wal(scripts, with_age, "fetch", name, str(fetched), BACKUP_IDENTITY_FILE=alone) for name in names)
    read = []
    for name in names:
        assert 0 == wal(scripts, with_age, "fetch", name, str(fetched), BACKUP_IDENTITY_FILE=both).status
        read.append(fetched.read_text())

    assert [(200, "wrong-key"), (0, None)] == [(old.status, old.slug), (newer.status, newer.slug)]
    assert list(names) == read
