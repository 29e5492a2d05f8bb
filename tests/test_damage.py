"""Sabotage hits what it says, and nothing else."""

import json
from datetime import timedelta

import pytest

from drill.backups import catalogue
from drill.backups.catalogue import MANIFEST
from drill.damage import DAMAGES, damage, damage_key
from drill.errors import DrillError
from drill.secrecy.encryption import encrypted
from tests.procedures import SHIPPED
from tests.repositories import FILES, LAST_NIGHT, written

LARGE = FILES["data/large"]
HIT = {
    "cut off half way": ("data/large", LARGE[: len(LARGE) // 2]),
    "altered by one bit": ("data/large", LARGE[:2048] + bytes([LARGE[2048] ^ 16]) + LARGE[2049:]),
    "lengthened by one byte": ("data/large", LARGE + b"\0"),
    "robbed of a file": ("data/large", None),
    "robbed of its manifest": (MANIFEST, None),
}


@pytest.fixture
def backup(tmp_path):
    return written(tmp_path / "redis")


def test_every_damage_is_tried_here():
    assert HIT.keys() | {"described otherwise"} == DAMAGES.keys()


@pytest.mark.parametrize("kind", HIT)
def test_a_damage_hits_one_file_and_leaves_the_others(backup, kind):
    before = catalogue.contents(backup.directory)
    hit = damage(backup, kind)
    after = catalogue.contents(backup.directory)
    path, content = HIT[kind]

    assert backup.directory / path == hit
    assert content == after.get(path)
    assert {name: kept for name, kept in before.items() if name != path} == {
        name: kept for name, kept in after.items() if name != path
    }


@pytest.mark.parametrize("kind", HIT)
def test_backups_that_share_the_bytes_stay_whole(backup, kind):
    twin = catalogue.restamp(backup, finished=LAST_NIGHT + timedelta(days=1), into=backup.directory.parent)
    before = catalogue.contents(twin.directory)
    damage(backup, kind)

    assert before == catalogue.contents(twin.directory)


def test_a_manifest_that_describes_otherwise_says_so_of_one_thing(backup):
    before = json.loads((backup.directory / MANIFEST).read_text())
    damage(backup, "described otherwise")
    after = json.loads((backup.directory / MANIFEST).read_text())

    assert {"source_bytes"} == {name for name in before if before[name] != after[name]}


@pytest.mark.parametrize("files", [{}, {"empty": b""}])
def test_a_backup_without_bytes_cannot_be_damaged(tmp_path, files):
    with pytest.raises(DrillError, match="has no bytes to damage"):
        damage(written(tmp_path / "redis", files=files), "cut off half way")


def test_an_unknown_damage_is_an_error_that_names_the_known_ones(backup):
    with pytest.raises(DrillError, match="no damage 'burnt'; use one of cut off half way, "):
        damage(backup, "burnt")


@pytest.fixture
def keyed(runtime):
    return encrypted(SHIPPED, workspace=runtime.workspace)


def test_a_key_is_lost_replaced_or_exposed(keyed):
    file = keyed.encryption.identity_file
    key = file.read_text()
    damage_key(keyed, "left where others can read it")
    exposed = (file.stat().st_mode & 0o777, file.read_text())
    damage_key(keyed, "replaced by another one")
    other = (file.stat().st_mode & 0o777, file.read_text() != key)
    damage_key(keyed, "lost")

    assert (0o644, key) == exposed
    assert (0o600, True) == other
    assert not file.exists()


def test_what_befalls_a_key_is_one_of_the_known_things_and_needs_a_key(keyed):
    with pytest.raises(DrillError, match="no damage to a key 'bent'; use one of lost, replaced"):
        damage_key(keyed, "bent")
    with pytest.raises(DrillError, match="the policy encrypts nothing"):
        damage_key(SHIPPED, "lost")
