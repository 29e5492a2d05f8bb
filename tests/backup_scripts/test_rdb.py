"""The checksum of an RDB file: what a server wrote into it tells that it is whole, without anybody loading it."""

import importlib.util
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backup_scripts import rdb
from tests.backup_scripts.redis_servers import server_with

GOING_ON = threading.Event()

pytest.importorskip("anycrc")


@pytest.fixture(scope="module")
def written(runtime, tmp_path_factory):
    """What a server wrote, of a few keys: small, so that it can be read a hundred times."""
    with server_with(runtime) as server, server.client() as client:
        client.mset({f"camera:{number}": f"hành lang {number}" for number in range(50)})
        client.save()
        return (server.data / "dump.rdb").read_bytes()


def test_what_a_server_wrote_fits_its_checksum(written, tmp_path):
    file = tmp_path / "dump.rdb"
    file.write_bytes(written)

    assert rdb.has_checksum(file)
    assert rdb.fits_checksum(file, GOING_ON)


@given(data=st.data())
def test_any_bit_that_was_altered_is_noticed(written, tmp_path_factory, data):
    bit = data.draw(st.integers(0, len(written) * 8 - 1))
    altered = bytearray(written)
    altered[bit // 8] ^= 1 << bit % 8
    file = tmp_path_factory.mktemp("altered") / "dump.rdb"
    file.write_bytes(altered)

    assert not rdb.fits_checksum(file, GOING_ON)


@given(data=st.data())
def test_any_end_that_is_missing_is_noticed(written, tmp_path_factory, data):
    file = tmp_path_factory.mktemp("cut") / "dump.rdb"
    file.write_bytes(written[: data.draw(st.integers(rdb.CHECKSUM_BYTES, len(written) - 1))])

    assert not rdb.fits_checksum(file, GOING_ON)


def test_a_reading_that_was_ended_has_shown_nothing(written, tmp_path):
    file, ended = tmp_path / "dump.rdb", threading.Event()
    file.write_bytes(written)
    ended.set()

    assert not rdb.fits_checksum(file, ended)


def test_zeros_are_no_checksum(written, tmp_path):
    file = tmp_path / "dump.rdb"
    file.write_bytes(written[: -rdb.CHECKSUM_BYTES] + bytes(rdb.CHECKSUM_BYTES))

    assert not rdb.has_checksum(file)


def test_where_nothing_can_check_it_a_file_is_read_by_the_servers_own_program(written, tmp_path, monkeypatch):
    file = tmp_path / "dump.rdb"
    file.write_bytes(written)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)

    assert not rdb.has_checksum(file)
