"""The manifest: read back as it was written, and mistrusted."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backup_scripts import manifest
from backup_scripts.manifest import Manifest, ManifestInvalid, StoredFile

MOMENT = datetime(2026, 11, 23, 2, tzinfo=UTC)
WRITTEN = Manifest(
    id="20261123T020000.000000Z-full",
    set="cửa hàng",
    kind="full",
    parent=None,
    started=MOMENT,
    finished=MOMENT + timedelta(seconds=2.5),
    source={"engine": "postgresql", "server_version": "18.6", "database": "shop"},
    tool={"name": "pg_dump", "version": "18.6"},
    files=(StoredFile("dump/toc.dat", 20480, "ab" * 32), StoredFile("roles.sql", 0, "cd" * 32)),
    stored_bytes=20480,
    source_bytes=8017599,
    encryption=None,
    tier="daily",
    retain_until=MOMENT + timedelta(days=30),
)
STATED = WRITTEN.as_json()
TEXT = json.dumps(STATED, indent=1).encode()


def without_checksum(**changes: object) -> bytes:
    return json.dumps({name: value for name, value in (STATED | changes).items() if name != "manifest_sha256"}).encode()


def test_what_is_written_is_read_back():
    assert WRITTEN == manifest.parse(TEXT)


@given(st.integers(0, len(TEXT) * 8 - 1))
def test_one_altered_bit_is_noticed_or_changes_nothing_that_is_said(position: int):
    altered = bytearray(TEXT)
    altered[position // 8] ^= 1 << position % 8
    try:
        read = manifest.parse(bytes(altered))
    except ManifestInvalid:
        return

    assert WRITTEN == read  # only the checksum lost its name, or an escape the case of its letters


@given(st.integers(0, len(TEXT) - 2))
def test_a_manifest_that_is_cut_off_is_noticed_wherever_it_ends(length: int):
    with pytest.raises(ManifestInvalid):
        manifest.parse(TEXT[:length])


def test_a_manifest_of_other_tools_needs_no_checksum_and_may_say_more():
    assert WRITTEN == manifest.parse(without_checksum(comment="taken by hand"))


def test_the_times_of_other_tools_may_have_any_offset():
    local = MOMENT.astimezone(timezone(timedelta(hours=7))).isoformat()

    assert MOMENT == manifest.parse(without_checksum(started=local)).started


@pytest.mark.parametrize("field", sorted(STATED.keys() - {"manifest_sha256"}))
def test_every_field_must_be_there(field: str):
    stated = json.loads(without_checksum())
    del stated[field]

    with pytest.raises(ManifestInvalid, match=field):
        manifest.parse(json.dumps(stated).encode())


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 2},
        {"finished": "2026-11-23T02:00:00"},
        {"finished": "today"},
        {"finished": None},
        {"source": None},
        {"files": None},
        {"files": ["dump/toc.dat"]},
        {"files": [{"path": "toc.dat", "size": float("inf"), "sha256": ""}]},
        {"parent": ["20261123T020000.000000Z-full"]},
        {"parent": ""},
        {"files": [{"path": "../other/toc.dat", "size": 1, "sha256": ""}]},
        {"files": [{"path": "/etc/passwd", "size": 1, "sha256": ""}]},
        {"files": [{"path": "", "size": 1, "sha256": ""}]},
        {"files": [{"path": "toc.dat", "size": "large", "sha256": ""}]},
        {"stored_bytes": None},
    ],
)
def test_what_cannot_be_is_refused(change: dict):
    with pytest.raises(ManifestInvalid):
        manifest.parse(without_checksum(**change))


@pytest.mark.parametrize(
    "text", [b"", b"null", b"[]", b'"full"', b"\xff\xfe", b"{}", b"[" * 100_000], ids=lambda text: repr(text[:9])
)
def test_what_is_no_manifest_is_refused(text: bytes):
    with pytest.raises(ManifestInvalid):
        manifest.parse(text)
