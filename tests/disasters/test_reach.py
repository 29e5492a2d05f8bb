"""How far a log can be trusted: up to the last record before the first segment that is not what it was."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from drill.disasters.reach import Reach, reach
from drill.errors import DrillError
from drill.inventory import Flaw
from drill.recoveries.moments import BACKUP_END, END

FIRST, SECOND, THIRD, FOURTH = (f"00000001000000000000000{number}" for number in "3456")
SAID = """\
rmgr: Heap        len (rec/tot):     54/    54, tx:        731, lsn: 0/0{n}000028, prev 0/02000110, desc: INSERT off: 1
rmgr: Transaction len (rec/tot):     34/    34, tx:        731, lsn: 0/0{n}000060, prev 0/0{n}000028, desc: COMMIT \
2026-11-27 10:0{n}:00.250000 UTC
rmgr: XLOG        len (rec/tot):     24/    24, tx:          0, lsn: 0/0{n}000088, prev 0/0{n}000060, desc: SWITCH
"""
QUIET = "rmgr: XLOG  len (rec/tot): 24/ 24, tx: 0, lsn: 0/0{n}000028, prev 0/03000088, desc: SWITCH\n"
BACKUP = SimpleNamespace(
    manifest=SimpleNamespace(source={"timeline": 1, "start_lsn": "0/3000028", "wal_segment_size": 1 << 24})
)


def at(minute):
    return datetime(2026, 11, 27, 10, minute, 0, 250000, UTC)


def before(minute):
    return f"time:{datetime(2026, 11, 27, 10, minute, 0, tzinfo=UTC).isoformat()}"


def missing(name):
    return Flaw("log-missing", f"{name}.gz was archived and is not there any more")


def altered(name):
    return Flaw("log-checksum-differs", f"{name}.gz is not what was archived")


@pytest.fixture
def store(tmp_path):
    """A server of four segments, each as pg_waldump would read it, which is played by cat."""
    archive, programs = tmp_path / "wal", tmp_path / "programs"
    archive.mkdir()
    programs.mkdir()
    for number, name in enumerate((FIRST, SECOND, THIRD, FOURTH), start=3):
        (archive / f"{name}.gz").write_text(SAID.format(n=number), "ascii")
    (archive / f"{FIRST}.00000028.backup.gz").touch()
    (programs / "pg_waldump").symlink_to("/bin/cat")
    keeping = SimpleNamespace(archive=archive, fetch_command=lambda name, path: f"cp {archive / name}.gz {path}")
    return SimpleNamespace(keeping=keeping, environment=lambda: {"PATH": str(programs)})


def reached(store, *flaws, wanted=END):
    return reach(store, BACKUP, flaws, wanted=wanted)


def test_where_nothing_is_wrong_all_can_be_reached(store):
    assert None is reached(store)


@pytest.mark.parametrize("flaw", [altered, missing])
def test_it_ends_with_the_last_record_before_what_is_damaged_or_gone(store, flaw):
    assert Reach("lsn:0/04000088", at(4), THIRD) == reached(store, flaw(FOURTH), flaw(THIRD))


def test_what_is_wrong_with_the_log_of_older_backups_is_in_nobodys_way(store):
    assert None is reached(store, missing("000000010000000000000002"))


def test_a_moment_before_the_end_of_what_can_be_trusted_is_reached(store):
    assert None is reached(store, altered(THIRD), wanted=before(4))


@pytest.mark.parametrize("minute", [5, 6])
def test_a_moment_behind_what_can_be_trusted_is_not(store, minute):
    assert Reach("lsn:0/04000088", at(4), THIRD) == reached(store, altered(THIRD), wanted=before(minute))


def test_the_last_transaction_may_have_ended_in_an_earlier_segment(store):
    (store.keeping.archive / f"{SECOND}.gz").write_text(QUIET.format(n=4), "ascii")

    assert Reach("lsn:0/04000028", at(3), THIRD) == reached(store, altered(THIRD))


def test_where_no_segment_can_be_trusted_there_is_what_the_backup_brings(store):
    found = reached(store, altered(FIRST))

    assert Reach(BACKUP_END, None, FIRST) == found
    assert f"until its backup: {FIRST} is not what it was" in str(found)


def test_what_is_neither_a_time_nor_the_end_is_left_to_the_procedure(store):
    assert None is reached(store, altered(THIRD), wanted="name:before-the-release")


def test_a_segment_that_cannot_be_fetched_is_not_taken_for_an_end(store):
    Path(store.keeping.archive / f"{SECOND}.gz").unlink()
    store.keeping.archive.joinpath(f"{SECOND}.gz.age").touch()

    with pytest.raises(DrillError, match=f"{SECOND} cannot be fetched"):
        reached(store, altered(THIRD))
