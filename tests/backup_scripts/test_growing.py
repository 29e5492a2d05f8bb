"""Files that are hashed while they are written: the checksum is of all that there is in the end, or there is none."""

import contextlib
import errno
import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backup_scripts import growing
from backup_scripts.growing import Growing
from drill.waiting import Patience, eventually

LEFT = growing.TAKEN_BACK_AT_MOST
FLUSHED = growing.FLUSHED_AT_ONCE


def of(content):
    return hashlib.sha256(content).hexdigest()


def positions(path):
    """How far the descriptors of this process have got in a file, as the kernel tells it."""
    found = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            if descriptor.samefile(path):
                found.add(int((Path("/proc/self/fdinfo") / descriptor.name).read_text().split()[1]))
    return found


@given(pieces=st.lists(st.binary(max_size=200_000), max_size=12), taken_back=st.integers(0, LEFT))
def test_whatever_is_written_has_its_checksum_and_its_end_may_be_taken_back(tmp_path_factory, pieces, taken_back):
    file = tmp_path_factory.mktemp("written") / "dump.rdb"
    growing = Growing(file.parent, r"dump\.rdb")
    with growing.followed(), file.open("wb", buffering=0) as written:
        for piece in pieces:
            written.write(piece)
        written.truncate(max(0, written.tell() - taken_back))

    assert of(file.read_bytes()) == growing.sha256(file)


def test_it_is_read_while_it_is_written(tmp_path):
    file = tmp_path / "base.tar.gz"
    growing = Growing(tmp_path, r"base\.tar\.gz")
    with growing.followed(), file.open("wb", buffering=0) as written:
        written.write(bytes(5 * LEFT))
        eventually("all but the end was read", lambda: 4 * LEFT in positions(file), Patience.BACKUP_BEGUN)
        written.write(b"more")

    assert of(bytes(5 * LEFT) + b"more") == growing.sha256(file)


def test_it_gets_to_the_disk_while_it_is_written(tmp_path, monkeypatch):
    flushed, fdatasync = [], os.fdatasync
    monkeypatch.setattr(os, "fdatasync", lambda descriptor: flushed.append(descriptor) or fdatasync(descriptor))
    file = tmp_path / "base.tar"
    growing = Growing(tmp_path, r"base\.tar")
    with growing.followed(), file.open("wb", buffering=0) as written:
        for number in (1, 2, 3):
            written.write(bytes(FLUSHED + LEFT))
            eventually(f"flushed {number} times", lambda: len(flushed) == number, Patience.BACKUP_BEGUN)  # noqa: B023

    assert of(bytes(3 * (FLUSHED + LEFT))) == growing.sha256(file)


def test_what_did_not_get_to_the_disk_is_never_taken_for_written(tmp_path, monkeypatch):
    """The system tells of a write that failed once; whoever flushes the file next is told that all is well."""

    def failing(_):
        monkeypatch.undo()
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fdatasync", failing)
    file = tmp_path / "base.tar"
    growing = Growing(tmp_path, r"base\.tar")
    with growing.followed():
        file.write_bytes(bytes(3 * FLUSHED))

    with pytest.raises(OSError, match="Input/output error"):
        growing.sha256(file)


def cut(file):
    with file.open("r+b") as opened:
        opened.truncate(10)


def lengthened(file):
    with file.open("ab") as opened:
        opened.write(b"more")


def replaced(file):
    another = file.with_name("another")
    another.write_bytes(file.read_bytes())
    another.replace(file)


@pytest.mark.parametrize("afterwards", [cut, lengthened, replaced])
def test_one_that_is_not_what_was_read_has_none(tmp_path, afterwards):
    file = tmp_path / "dump.rdb"
    growing = Growing(tmp_path, r"dump\.rdb")
    with growing.followed():
        file.write_bytes(b"a snapshot of a cache")
    assert growing.sha256(file)

    afterwards(file)

    assert growing.sha256(file) is None


def test_others_are_left_to_whoever_reads_whole_files(tmp_path):
    growing = Growing(tmp_path, r"base\.tar")
    with growing.followed():
        for name in ("base.tar", "pg_wal.tar", "base.tar.gz"):
            (tmp_path / name).write_bytes(b"archive")
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "elsewhere" / "base.tar").write_bytes(b"archive")

    known = [path.name for path in tmp_path.rglob("*.*") if growing.sha256(path)]
    assert ["base.tar"] == known
    assert growing.sha256(tmp_path / "elsewhere" / "base.tar") is None


def test_one_that_cannot_be_read_has_none(tmp_path):
    growing = Growing(tmp_path, r"base\.tar")
    with growing.followed():
        (tmp_path / "base.tar").mkdir()

    assert growing.sha256(tmp_path / "base.tar") is None


def test_nothing_more_is_read_of_a_backup_that_is_given_up(tmp_path):
    growing = Growing(tmp_path, r"base\.tar")
    with pytest.raises(KeyboardInterrupt), growing.followed():
        (tmp_path / "base.tar").write_bytes(bytes(LEFT))
        raise KeyboardInterrupt

    assert growing.sha256(tmp_path / "base.tar") is None
