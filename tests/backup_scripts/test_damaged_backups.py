"""A damaged backup is refused before its target is touched, whichever engine it is of."""

import json
import os

import pytest

from tests.backup_scripts import redis_servers as redis
from tests.backup_scripts import test_postgres_restore_failures as postgres
from tests.backup_scripts.operating import NOBODYS_PORT, Scripts, restate
from tests.backup_scripts.test_source_scripts import code, mirror, seeded

__all__ = ["code", "mirror", "seeded"]


def largest(backup):
    files = json.loads((backup / "manifest.json").read_text())["files"]
    return backup / max(files, key=lambda file: file["size"])["path"]


def flip(path, position: int) -> None:
    content = bytearray(path.read_bytes())
    content[position] ^= 0b0000_0100
    path.write_bytes(content)


def rename_file(backup, path: str) -> None:
    files = json.loads((backup / "manifest.json").read_text())["files"]
    files[0]["path"] = path
    restate(backup, files=files)


def replace_by_link(path, elsewhere) -> None:
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


def hide_among_directories(backup) -> None:
    (backup / "more").mkdir()
    (backup / "more" / "file").touch()


def alter_its_source(backup) -> None:
    file = backup / "manifest.json"
    flip(file, file.read_bytes().index(b"server_version") + len('server_version": "'))


def lose_a_field(backup) -> None:
    stated = json.loads((backup / "manifest.json").read_text())
    del stated["source"]
    (backup / "manifest.json").write_text(json.dumps(stated))


OF_A_SERVER = "given a manifest altered by one bit"
DAMAGES = {
    "cut off half way": ("backup-truncated", lambda b: os.truncate(largest(b), largest(b).stat().st_size // 2)),
    "emptied": ("backup-truncated", lambda b: os.truncate(largest(b), 0)),
    "altered by one bit at its beginning": ("checksum-mismatch", lambda b: flip(largest(b), 0)),
    "altered by one bit at its end": ("checksum-mismatch", lambda b: flip(largest(b), -1)),
    "lengthened": ("backup-altered", lambda b: os.truncate(largest(b), largest(b).stat().st_size + 1)),
    "robbed of a file": ("file-missing", lambda b: largest(b).unlink()),
    "given a symbolic link": ("file-missing", lambda b: replace_by_link(largest(b), b.parent / "elsewhere")),
    "given a file": ("unexpected-file", lambda b: (b / "notes.txt").touch()),
    "given a directory with a file": ("unexpected-file", hide_among_directories),
    "robbed of its manifest": ("manifest-invalid", lambda b: (b / "manifest.json").unlink()),
    "given a manifest cut in half": ("manifest-invalid", lambda b: os.truncate(b / "manifest.json", 200)),
    "given a manifest that is no object": ("manifest-invalid", lambda b: (b / "manifest.json").write_text("[]")),
    OF_A_SERVER: ("manifest-invalid", alter_its_source),
    "given a manifest of a newer schema": ("manifest-invalid", lambda b: restate(b, schema=2)),
    "given a manifest without a field": ("manifest-invalid", lose_a_field),
    "given another backup's manifest": ("manifest-invalid", lambda b: restate(b, id="20200101T000000.000000Z-full")),
    "given another set's manifest": ("manifest-invalid", lambda b: restate(b, set="office")),
    "made to name a file above it": ("manifest-invalid", lambda b: rename_file(b, "../../secret")),
    "made to name an absolute file": ("manifest-invalid", lambda b: rename_file(b, "/etc/passwd")),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_dump_is_refused_and_the_target_not_touched(scripts: Scripts, stored_dump, target, damage):
    reason, damaged = DAMAGES[damage]
    damaged(stored_dump)
    before = postgres.state(target)
    ran = scripts.on(target.environment()).run("postgres_restore", stored_dump.name)

    assert (3, reason) == (ran.status, ran.slug)
    assert stored_dump.name in ran.said
    assert before == postgres.state(target)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_snapshot_is_refused_and_the_target_not_touched(
    scripts: Scripts, stored_snapshot, untouched_redis, damage
):
    reason, damaged = DAMAGES[damage]
    damaged(stored_snapshot)
    before = redis.state(untouched_redis)
    ran = scripts.on(untouched_redis.environment()).run("redis_restore", stored_snapshot.name)

    assert (3, reason) == (ran.status, ran.slug)
    assert before == redis.state(untouched_redis)


def test_that_a_snapshot_is_damaged_is_told_before_what_is_wrong_with_the_target(
    scripts: Scripts, stored_snapshot, blank_redis
):
    with blank_redis.client() as client:
        client.set("precious", 1)
    flip(largest(stored_snapshot), -1)
    filled = scripts.on(blank_redis.environment()).run("redis_restore", stored_snapshot.name)
    away = scripts.on(blank_redis.environment() | {"REDIS_PORT": NOBODYS_PORT}).run(
        "redis_restore", stored_snapshot.name
    )

    assert [(3, "checksum-mismatch")] * 2 == [(ran.status, ran.slug) for ran in (filled, away)]


@pytest.mark.parametrize("damage", [damage for damage in DAMAGES if damage != OF_A_SERVER])
def test_a_damaged_mirror_is_refused_and_nothing_appears(mirror: Scripts, damage):
    reason, damaged = DAMAGES[damage]
    backup = mirror.done("source_mirror")["id"]
    largest(mirror.home / backup).chmod(0o600)  # git lets nobody write to a pack
    damaged(mirror.home / backup)
    ran = mirror.run("source_restore", backup)

    assert (3, reason) == (ran.status, ran.slug)
    assert backup in ran.said
    assert not os.path.lexists(mirror.environment["RESTORE_TARGET"])


def test_the_size_of_a_truncated_file_is_told(scripts: Scripts, stored_snapshot, untouched_redis):
    whole = largest(stored_snapshot).stat().st_size
    os.truncate(largest(stored_snapshot), 8192)
    ran = scripts.on(untouched_redis.environment()).run("redis_restore", stored_snapshot.name)

    assert f"dump.rdb: 8192 of {whole} bytes; restore another backup" in ran.said
