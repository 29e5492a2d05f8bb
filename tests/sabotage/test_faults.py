"""Faults: each befalls what it says, and is named only by what can have met it."""

import gzip
import os
import re
import subprocess
from types import SimpleNamespace

import pytest

from drill.backups.catalogue import MANIFEST, read
from drill.damage.faults import CATALOGUE
from drill.damage.faults.ciphertext import CIPHERTEXT
from drill.damage.faults.fault import Scene
from drill.damage.stage import turns
from drill.damage.unsealed import LAST_BYTES, damage_unsealed
from drill.errors import DrillError
from drill.policy import Command
from drill.secrecy.encryption import encrypted
from tests.procedures import SHIPPED
from tests.repositories import written

BY_ID = {fault.id: fault for fault in CATALOGUE}
CHECKSUMS = {"SIZE-DIFFERS", "CHECKSUM-DIFFERS", "FILE-MISSING", "LOG-CHECKSUM-DIFFERS", "LOG-MISSING"}
OF_THE_COMMAND = {"RESTORE-REFUSED", "RESTORE-FAILED", "RESTORE-MISTAKEN"}
LIST, LARGEST = "dump/toc.dat", "dump/3400.dat.gz"
ROWS = b"".join(b"%d\t%d\t2026-03-16 12:00:00+00\t28\t45\t0.429\n" % (n, n % 7) for n in range(500)) + b"\\.\n\n\n"
FILES = {
    LIST: bytes(range(256)) * 64,
    "dump/3399.dat.gz": gzip.compress(b"1\tone\n\\.\n\n\n"),
    LARGEST: gzip.compress(ROWS),
    "dump/blob_4711.dat.gz": gzip.compress(os.urandom(9000)),
}


class RestoreAlone:
    """A scene of which nothing but the restore can be reached."""

    changed = False

    def restore_with(self, change):
        assert change("restore") != "restore"
        self.changed = True


def befalls_the_restore(fault):
    scene = RestoreAlone()
    try:
        fault.inject(scene)
    except AttributeError:
        return False
    return scene.changed


AFTER = [fault for fault in CATALOGUE if befalls_the_restore(fault)]


def test_many_faults_befall_what_was_restored():
    assert len(AFTER) > 60
    assert {"RESTORED-PAGE-ZEROED", "TARGET-TOO-LATE", "CACHE-EMPTY", "NOTES-LOST", "UNIT-LOST"} <= {
        fault.id for fault in AFTER
    }


@pytest.mark.parametrize("fault", AFTER, ids=lambda fault: fault.id)
def test_what_befalls_the_restored_is_not_named_by_a_restore_that_failed(fault):
    # Otherwise a script that could not do what it says would pass for a fault that was noticed.
    assert set() == fault.named_by & (OF_THE_COMMAND | CHECKSUMS)


def test_what_befell_a_backup_before_its_checksums_is_not_named_by_them():
    at_once = {
        fault.id: fault.named_by & CHECKSUMS for fault in CATALOGUE if fault.id.endswith(("-AT-ONCE", "-FORGOTTEN"))
    }

    assert len(at_once) > 10
    assert set() == set().union(*at_once.values())


@pytest.fixture
def dumped(tmp_path):
    """A scene with a dump: what lists its tables is larger than any of these, as a large object is."""
    written(tmp_path / "postgres", files=FILES)
    return Scene(repository=tmp_path, set="postgres", policy=SHIPPED, source=None, noted="")


def changed(scene):
    there = {str(each.relative_to(scene.last.directory)): each for each in scene.last.directory.rglob("*.dat*")}
    return {name for name in FILES if name not in there or there[name].read_bytes() != FILES[name]}


def seals(scene):
    return {file.path: file.sha256 for file in read(scene.last.directory).manifest.files}


@pytest.mark.parametrize(
    ("name", "victim"),
    [
        *((each, LARGEST) for each in BY_ID if re.fullmatch("DUMP-(CUT|BIT|GROWN|FILE-LOST|ZEROED)(-AT-ONCE)?", each)),
        ("DUMP-LIST-CUT-AT-ONCE", LIST),
    ],
)
def test_a_dump_is_hit_where_the_fault_says(dumped, name, victim):
    before = seals(dumped)
    BY_ID[name].inject(dumped)

    assert {victim} == changed(dumped)
    assert name.endswith("-AT-ONCE") == (before != seals(dumped)), "its manifest fits where it was hit at once"


def test_one_value_is_changed_and_no_key_or_date(dumped):
    BY_ID["DUMP-ROW-CHANGED"].inject(dumped)
    rows = gzip.decompress((dumped.last.directory / LARGEST).read_bytes())
    (found,) = [pair for pair in zip(ROWS.splitlines(), rows.splitlines(), strict=True) if pair[0] != pair[1]]
    was, now = (line.split(b"\t") for line in found)

    assert [3] == [column for column, value in enumerate(was) if value != now[column]]


def test_a_dump_without_a_table_cannot_be_hit(tmp_path):
    written(tmp_path / "postgres", files={LIST: b"list"})
    scene = Scene(repository=tmp_path, set="postgres", policy=SHIPPED, source=None, noted="")

    for name in ("DUMP-CUT", "DUMP-BIT-AT-ONCE", "DUMP-ROW-CHANGED"):
        with pytest.raises(DrillError, match="has no table"):
            BY_ID[name].inject(scene)


@pytest.fixture
def cluster(tmp_path):
    """A data directory: the server's own tables are larger than any other, and so are those of its first databases."""
    sizes = {
        "5/2838": 500_000,
        "16629/1255": 800_000,
        "16629/13424": 90_000,
        "16629/16700": 65_536,
        "16629/16701": 40_960,
        "16629/16700_fsm": 70_000,
    }
    for name, size in sizes.items():
        (tmp_path / "base" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "base" / name).write_bytes(b"\1" * size)
    return tmp_path


@pytest.mark.parametrize("name", ["RESTORED-PAGE-ZEROED", "RESTORED-PAGE-ALTERED", "RESTORED-FILE-LOST"])
def test_a_restored_server_loses_what_is_somebody_s(cluster, name):
    before = {path: path.read_bytes() for path in cluster.rglob("*") if path.is_file()}
    procedure = SHIPPED.procedures["postgres-physical"].model_copy(update={"restore": Command("true", ("true",))})
    scene = Scene(
        repository=cluster,
        set="postgres-physical",
        policy=SHIPPED.model_copy(update={"procedures": {procedure.name: procedure}}),
        source=SimpleNamespace(procedure=procedure.name),
        noted="",
    )
    BY_ID[name].inject(scene)
    words = scene.policy.procedures[procedure.name].restore.argv({})
    subprocess.run(words, env={**os.environ, "RESTORE_TARGET": str(cluster)}, check=True, capture_output=True)

    assert {"16700"} == {path.name for path, was in before.items() if not path.is_file() or path.read_bytes() != was}


def test_an_append_only_file_that_nothing_was_written_to_cannot_lose_its_last_write(tmp_path):
    empty = written(tmp_path / "redis", files={"aof/appendonly.aof.1.incr.aof": b"x" * LAST_BYTES})

    with pytest.raises(DrillError, match="holds no write"):
        damage_unsealed(empty, "cut off within its last write")
    assert (empty.directory / MANIFEST).is_file()


def test_a_snapshot_without_the_value_that_would_be_changed_cannot_be_hit(tmp_path):
    written(tmp_path / "redis", files={"dump.rdb": bytes(9000)})
    scene = Scene(repository=tmp_path, set="redis", policy=SHIPPED, source=None, noted="")

    with pytest.raises(DrillError, match="has no floor plan"):
        BY_ID["SNAPSHOT-UNCHECKED-BIT"].inject(scene)


def test_only_faults_of_ciphertext_befall_encrypted_backups(tmp_path):
    workspace = SimpleNamespace(directory=tmp_path)
    faults = [BY_ID["DUMP-CUT"], BY_ID["ARCHIVE-CLIMBING"], BY_ID["KEY-LOST"]]

    for policy in (SHIPPED, encrypted(SHIPPED, workspace=workspace)):
        assert [(False, {"dump", "archive"}), (True, {CIPHERTEXT})] == [
            (each.encryption is not None, {fault.kind for fault in tried})
            for each, tried in turns(policy, faults, workspace=workspace)
        ]
    assert [] == turns(SHIPPED, [], workspace=workspace)
