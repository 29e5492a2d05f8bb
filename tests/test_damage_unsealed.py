"""Damage from before the manifest was made hits the content, and leaves a manifest that fits what is there."""

import hashlib

import pytest

from drill.backups import catalogue
from drill.backups.catalogue import MANIFEST
from drill.damage import UNSEALED, attribute, damage_unsealed
from drill.errors import DrillError
from tests.repositories import stated, written

LIST = b"file a.2.base.rdb seq 2 type b\nfile a.2.incr.aof seq 2 type i\n"
HEAD = b"# pack-refs with: peeled fully-peeled sorted\n" + b"1" * 40 + b" refs/heads/main\n"
TAG = b"2" * 40 + b" refs/tags/v1\n^" + b"1" * 40 + b"\n"
LARGE_FILE = f"mirror.git/lfs/objects/{'a' * 64}"
FILES = {
    "mirror.git/packed-refs": HEAD + TAG,
    LARGE_FILE: b"a picture",
    "aof/a.manifest": LIST,
    "aof/a.2.base.rdb": b"REDIS0011" + bytes(range(256)) * 4,
    "aof/a.2.incr.aof": b"*1\r\n$4\r\nPING\r\n" * 3,
}
BASE = FILES["aof/a.2.base.rdb"]
HALF = len(BASE) // 2
HIT = {
    "cut off half way": ("aof/a.2.base.rdb", BASE[:HALF]),
    "filled with zeros from the middle on": ("aof/a.2.base.rdb", BASE[:HALF] + bytes(len(BASE) - HALF)),
    "altered by one bit": ("aof/a.2.base.rdb", BASE[:HALF] + bytes([BASE[HALF] ^ 16]) + BASE[HALF + 1 :]),
    "written by a newer server": ("aof/a.2.base.rdb", b"REDIS9999" + BASE[9:]),
    "cut off within its last write": ("aof/a.2.incr.aof", FILES["aof/a.2.incr.aof"][:-7]),
    "robbed of its newest part": ("aof/a.2.incr.aof", None),
    "robbed of the list of its parts": ("aof/a.manifest", None),
    "given the list of another time": (
        "aof/a.manifest",
        b"file a.3.base.rdb seq 2 type b\nfile a.3.incr.aof seq 2 type i\n",
    ),
    "robbed of a ref": ("mirror.git/packed-refs", HEAD),
    "robbed of a large file": (LARGE_FILE, None),
}


@pytest.fixture
def backup(tmp_path):
    return written(tmp_path / "redis-appendonly", files=FILES)


def test_every_damage_is_tried_here():
    assert HIT.keys() == UNSEALED.keys()


@pytest.mark.parametrize("kind", HIT)
def test_a_damage_hits_one_file_and_the_manifest_agrees(backup, kind):
    before = catalogue.contents(backup.directory)
    damage_unsealed(backup, kind)
    after = catalogue.contents(backup.directory)
    path, content = HIT[kind]

    assert content == after.get(path)
    assert {name for name in before if before[name] != after.get(name)} == {path, MANIFEST}
    assert {(file.path, file.size, file.sha256) for file in catalogue.read(backup.directory).manifest.files} == {
        (name, len(held), hashlib.sha256(held).hexdigest()) for name, held in after.items() if name != MANIFEST
    }


def test_a_file_that_nobody_may_write_to_is_damaged_as_well(backup):
    (backup.directory / "aof/a.2.base.rdb").chmod(0o400)
    damage_unsealed(backup, "altered by one bit")

    assert HIT["altered by one bit"][1] == (backup.directory / "aof/a.2.base.rdb").read_bytes()


def test_another_origin_is_all_that_changes(backup):
    before = stated(backup.directory)
    attribute(backup, engine="another")

    assert before | {"source": {"engine": "another"}} == stated(backup.directory)


def test_a_backup_without_an_append_only_file_cannot_lose_a_part_of_it(tmp_path):
    snapshot = written(tmp_path / "redis", files={"dump.rdb": b"REDIS0011"})

    with pytest.raises(DrillError, match=r"has no \*\.incr\.aof; back up an append-only file"):
        damage_unsealed(snapshot, "robbed of its newest part")


def test_an_unknown_damage_is_an_error_that_names_the_known_ones(backup):
    with pytest.raises(DrillError, match="no damage 'burnt'; use one of cut off half way, "):
        damage_unsealed(backup, "burnt")
