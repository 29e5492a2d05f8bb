"""postgres_recover refuses what would not come back right, and leaves the target as it is: not there."""

import gzip
import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from tests.backup_scripts.operating import Scripts, replacing, restate


@pytest.fixture
def recovering(scripts: Scripts, history, tmp_path, runtime) -> Scripts:
    """The scripts with a copy of the history's repository, and a target that is not there."""
    shutil.copytree(history.repository, scripts.repository, dirs_exist_ok=True)
    environment = {"PATH": f"{runtime.programs}:{os.environ['PATH']}", "RESTORE_TARGET": str(tmp_path / "new" / "data")}
    (tmp_path / "new").mkdir()
    return scripts.on(environment)


def refusal(recovering: Scripts, *arguments: str) -> str:
    """Return the slug of a refusal that left nothing behind."""
    target = recovering.environment["RESTORE_TARGET"]
    ran = recovering.run("postgres_recover", *arguments)

    assert 3 == ran.status, ran.said
    assert [] == os.listdir(os.path.dirname(target))  # noqa: PTH120, PTH208
    return ran.slug


def stored(recovering: Scripts, history, number: int):
    return recovering.home / history.backups[number]


def flip(file, position: int = 5000) -> None:
    content = bytearray(file.read_bytes())
    content[position] ^= 1
    file.write_bytes(content)


def regenerate(backup) -> None:
    """Have a manifest say of a backup's files what they are now, as if nothing had happened."""
    stated = json.loads((backup / "manifest.json").read_text())
    for file in stated["files"]:
        content = (backup / file["path"]).read_bytes()
        file |= {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    restate(backup, files=stated["files"])


@pytest.mark.parametrize(("damage", "slug"), [(flip, "checksum-mismatch"), (os.truncate, "backup-truncated")])
@pytest.mark.parametrize("link", [0, 1, 2])
@pytest.mark.parametrize("part", ["base.tar.gz", "pg_wal.tar.gz", "backup_manifest"])
def test_a_damaged_link_is_refused(recovering: Scripts, history, link, part, damage, slug):
    damage(stored(recovering, history, link) / part, 5000)

    assert slug == refusal(recovering, history.backups[2])


@pytest.mark.parametrize("link", [0, 1])
def test_a_missing_link_is_refused(recovering: Scripts, history, link):
    shutil.rmtree(stored(recovering, history, link))

    assert "chain-broken" == refusal(recovering, history.backups[2])


def test_a_link_whose_rows_were_altered_and_that_was_described_anew_is_refused(recovering: Scripts, history):
    base = stored(recovering, history, 0) / "base.tar.gz"
    content = gzip.decompress(base.read_bytes())
    base.write_bytes(gzip.compress(content.replace(b"canary ", b"Canary "), 1))
    regenerate(base.parent)

    assert b"canary " in content
    assert "chain-broken" == refusal(recovering, history.backups[2])


def test_a_link_with_the_manifest_of_another_is_refused(recovering: Scripts, history):
    shutil.copy(stored(recovering, history, 3) / "backup_manifest", stored(recovering, history, 0) / "backup_manifest")
    regenerate(stored(recovering, history, 0))

    assert "chain-broken" == refusal(recovering, history.backups[2])


def test_the_last_link_altered_and_described_anew_is_refused(recovering: Scripts, history):
    last = stored(recovering, history, 3)
    shutil.copy(stored(recovering, history, 0) / "base.tar.gz", last / "base.tar.gz")
    regenerate(last)

    assert "backup-altered" == refusal(recovering, history.backups[3])


@pytest.mark.parametrize(
    "change",
    [{"system_identifier": "1"}, {"data_checksums": "off"}, {"parent_manifest": "0" * 64}, {"start_lsn": "0/1"}],
)
def test_links_that_do_not_belong_together_are_refused(recovering: Scripts, history, change):
    child = stored(recovering, history, 1)
    restate(child, source=json.loads((child / "manifest.json").read_text())["source"] | change)

    assert "chain-broken" == refusal(recovering, history.backups[2])


def test_a_tablespace_that_would_lead_out_of_the_target_is_refused(recovering: Scripts, history, tmp_path):
    victim, full = tmp_path / "victim", stored(recovering, history, 0)
    victim.write_text("not ours")
    tablespaces = {"../../../../victim": str(tmp_path / "new/tablespace")}
    restate(full, source=json.loads((full / "manifest.json").read_text())["source"] | {"tablespaces": tablespaces})

    assert "manifest-invalid" == refusal(recovering, history.backups[0])
    assert "not ours" == victim.read_text()


@pytest.mark.parametrize("tablespaces", ["none", {"16400": "below"}, [["16400", "/"]]])
def test_tablespaces_that_cannot_be_are_refused(recovering: Scripts, history, tablespaces):
    full = stored(recovering, history, 0)
    restate(full, source=json.loads((full / "manifest.json").read_text())["source"] | {"tablespaces": tablespaces})

    assert "manifest-invalid" == refusal(recovering, history.backups[0])


def test_an_incremental_backup_that_claims_to_be_alone_is_refused(recovering: Scripts, history):
    restate(stored(recovering, history, 1), parent=None)

    assert "chain-broken" == refusal(recovering, history.backups[1])


@dataclass
class Segments:
    """The archived segments, oldest first."""

    place: object

    def __getitem__(self, number: int):
        return sorted(path for path in self.place.iterdir() if len(path.name) == len("00000001000000000000000A.gz"))[
            number
        ]


@pytest.mark.parametrize("kept", ["in the index", "nowhere"])
def test_a_segment_that_is_missing_is_refused(recovering: Scripts, history, kept):
    wal = recovering.home / "wal"
    lost = Segments(wal)[-2]
    lost.unlink()
    if kept == "nowhere":
        lines = (wal / "archive.sha256").read_text().splitlines(keepends=True)
        (wal / "archive.sha256").write_text("".join(line for line in lines if lost.name not in line))

    assert {"in the index": "wal-missing", "nowhere": "wal-gap"}[kept] == refusal(recovering, history.backups[0])


def test_the_newest_segment_is_missed_too(recovering: Scripts, history):
    Segments(recovering.home / "wal")[-1].unlink()

    assert "wal-missing" == refusal(recovering)


def test_an_altered_segment_is_refused_where_it_is_needed(recovering: Scripts, history):
    flip(Segments(recovering.home / "wal")[-1], 100)

    assert "checksum-mismatch" == refusal(recovering)
    assert "checksum-mismatch" == refusal(recovering, "--target", "lsn:F/0")
    assert 0 == recovering.run("postgres_recover", history.backups[0], "--target", history.moments["one"].time).status


def test_a_moment_before_the_backup_is_refused(recovering: Scripts, history):
    early = history.moments["one"]

    assert ["target-before-backup"] * 3 == [
        refusal(recovering, history.backups[3], "--target", target) for target in (early.time, early.name, early.lsn)
    ]
    assert "target-before-backup" == refusal(recovering, "--target", "time:2020-01-01T00:00:00Z")
    assert "target-before-backup" == refusal(recovering, "--target", "lsn:0/1")


def test_a_moment_after_the_archive_is_refused(recovering: Scripts, history):
    late = datetime.fromisoformat(history.moments["five"].time.removeprefix("time:")) + timedelta(hours=1)

    assert "target-after-archive" == refusal(recovering, "--target", f"time:{late.isoformat()}")
    assert "target-after-archive" == refusal(recovering, "--target", "lsn:F/0")


@pytest.mark.parametrize("backup", [[], [0], [3]])
def test_a_restore_point_that_nobody_made_is_refused(recovering: Scripts, history, backup):
    ids = [history.backups[number] for number in backup]

    assert "no-such-restore-point" == refusal(recovering, *ids, "--target", "name:nobody made it")


def test_a_backup_that_is_not_there_is_refused(recovering: Scripts, history, tmp_path):
    assert "no-such-backup" == refusal(recovering, "20260101T000000.000000Z-full")
    assert "no-such-backup" == refusal(recovering.on({"BACKUP_SET": "other"}))


def test_a_logical_backup_is_refused(recovering: Scripts, history):
    restate(stored(recovering, history, 3), tool={"name": "pg_dump", "version": "18.6"})

    assert "wrong-kind" == refusal(recovering, history.backups[3])


def test_client_programs_of_another_version_are_refused(recovering: Scripts, history, tmp_path):
    claim = "echo 'pg_verifybackup (PostgreSQL) 17.6'"
    environment = replacing("pg_verifybackup", claim, environment=recovering.environment, directory=tmp_path / "old")

    assert "version-mismatch" == refusal(recovering.on(environment))


@pytest.mark.parametrize("missing", ["pg_combinebackup", "pg_verifybackup", "tar"])
def test_a_missing_program_is_named_and_leaves_nothing(recovering: Scripts, history, tmp_path, missing, runtime):
    tools = tmp_path / "tools"
    tools.mkdir()
    for program in {"pg_combinebackup", "pg_verifybackup", "tar", "sh", "sync"} - {missing}:
        (tools / program).symlink_to(shutil.which(program, path=recovering.environment["PATH"]))
    ran = recovering.on({"PATH": str(tools)}).run("postgres_recover", history.backups[1])

    assert (1, "tool-missing") == (ran.status, ran.slug)
    assert missing in ran.said
    assert [] == list((tmp_path / "new").iterdir())


def test_a_target_that_is_taken_is_left_alone(recovering: Scripts, tmp_path):
    data = tmp_path / "new" / "data"
    data.mkdir()
    (data / "PG_VERSION").write_text("18")
    taken = recovering.run("postgres_recover")
    shutil.rmtree(tmp_path / "new")
    missing = recovering.run("postgres_recover")

    assert [(3, "target-not-empty"), (3, "target-missing")] == [(ran.status, ran.slug) for ran in (taken, missing)]
    assert not data.exists()


@pytest.mark.parametrize(
    ("target", "slug"),
    [
        ("time:2026-11-23T02:00:00", "wrong-time"),
        ("time:yesterday", "wrong-time"),
        ("lsn:here", "wrong-target"),
        ("name:", "wrong-target"),
        ("name:a\nrestore_command='x'", "wrong-target"),
        ("2026-11-23T02:00:00Z", "wrong-target"),
        ("xid:1", "wrong-target"),
    ],
)
def test_a_target_that_can_mean_two_things_is_a_wrong_argument(recovering: Scripts, target, slug):
    ran = recovering.on({"RECOVERY_TARGET": target}).run("postgres_recover")

    assert (2, slug) == (ran.status, ran.slug)
