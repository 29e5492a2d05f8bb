"""Whatever can be read in stored bytes is found, however it is packed."""

from __future__ import annotations

import gzip
import hashlib
import io
import shutil
import subprocess
import tarfile
from types import SimpleNamespace

import pytest

from drill.datasets import host
from drill.errors import DrillError
from drill.secrecy import legibility
from drill.secrecy.encryption import encrypted, make_key, unencrypted, with_age
from drill.secrecy.legibility import Legible, search, search_site
from drill.stores import CacheStore
from tests.procedures import SHIPPED

CANARY = "Đông người ở cổng 4711".encode()
WANTED = {"the canary": CANARY}
AROUND = bytes(range(256)) * 40


def packed(content, program):
    return subprocess.run(program, input=content, capture_output=True, check=True).stdout


def in_a_tar(content, name="member"):
    stored = io.BytesIO()
    with tarfile.open(fileobj=stored, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return stored.getvalue()


PLAIN = AROUND + CANARY + AROUND
PACKED = {
    "as it is": (PLAIN, ""),
    "in hexadecimal notation": (b"\\\\x" + CANARY.hex().encode(), ""),
    "in capital hexadecimal notation": (CANARY.hex().upper().encode(), ""),
    "gzip": (gzip.compress(PLAIN), "gzip"),
    "the second member of gzip": (gzip.compress(AROUND) + gzip.compress(PLAIN), "gzip"),
    "half of gzip": (gzip.compress(CANARY + AROUND * 9)[:-200], "gzip"),
    "tar": (in_a_tar(PLAIN), ""),
    "gzip in tar": (in_a_tar(gzip.compress(PLAIN)), "tar, gzip"),
    "tar in gzip": (gzip.compress(in_a_tar(PLAIN)), "gzip"),
    "gzip in tar in gzip": (gzip.compress(in_a_tar(gzip.compress(PLAIN))), "gzip, tar, gzip"),
}


@pytest.mark.parametrize("kind", PACKED)
def test_what_can_be_read_is_found_however_it_is_packed(tmp_path, kind):
    content, unpacked = PACKED[kind]
    (tmp_path / "backup").mkdir()
    (tmp_path / "backup" / "file").write_bytes(content)

    assert (Legible("the canary", "backup/file", unpacked),) == search(tmp_path, WANTED).found


@pytest.mark.skipif(shutil.which("zstd") is None, reason="no program packs with zstd here")
def test_what_is_packed_with_zstd_is_found(tmp_path):
    digits = b"".join(hashlib.sha256(bytes([number])).hexdigest().encode() for number in range(200))
    canary = digits[6000:6040]
    (tmp_path / "file").write_bytes(in_a_tar(packed(digits, ["zstd", "-qc"])))

    assert ["tar, zstd"] == [each.unpacked for each in search(tmp_path, {"the canary": canary}).found]


def test_what_cannot_be_unpacked_here_is_not_called_illegible(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(legibility.ZSTD + b"whatever")
    monkeypatch.setattr(legibility.shutil, "which", lambda _: None)

    with pytest.raises(DrillError, match="packed with zstd, and nothing unpacks it here; install zstd"):
        search(tmp_path, WANTED)


def test_a_name_that_tells_is_found(tmp_path):
    (tmp_path / CANARY.decode()).touch()

    assert ["the canary"] == [each.what for each in search(tmp_path, WANTED).found]


def test_what_is_not_there_is_not_found(tmp_path):
    (tmp_path / "file").write_bytes(AROUND + CANARY[:-1] + AROUND)

    assert () == search(tmp_path, WANTED).found


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(gzip.compress(PLAIN)[:12], id="the beginning of a gzip"),
        pytest.param(b"\x1f\x8bnonsense", id="what only begins like one"),
        pytest.param(in_a_tar(PLAIN)[:100], id="the beginning of a tar"),
    ],
)
def test_nonsense_is_searched_and_breaks_nothing(tmp_path, content):
    (tmp_path / "file").write_bytes(content)

    assert () == search(tmp_path, {"the canary": b"never there"}).found


def test_what_lies_at_another_site_is_searched_likewise():
    site = SimpleNamespace(contents=lambda: {"set/id/file": gzip.compress(PLAIN), "set/id/other": AROUND})

    assert (Legible("the canary", "set/id/file", "gzip"),) == search_site(site, WANTED).found


def test_an_empty_site_proves_nothing():
    with pytest.raises(DrillError, match="the site holds nothing; copy something to it first"):
        search_site(SimpleNamespace(contents=dict), WANTED)


def test_an_empty_set_proves_nothing(tmp_path):
    with pytest.raises(DrillError, match="holds no file; back something up first"):
        search(tmp_path, WANTED)


@pytest.mark.postgres
def test_the_canaries_are_long_enough_to_be_told_from_chance(postgres):
    from drill.stores import DatabaseStore

    assert 4 == len(DatabaseStore(postgres).canaries())
    assert 10 <= min(map(len, DatabaseStore(postgres).canaries().values()))


@pytest.mark.parametrize("procedure", ["configuration", "user-data", "security-configuration", "source-tree"])
def test_files_that_guard_something_have_canaries_of_their_own(tmp_path, procedure):
    host.seed(tmp_path, seed=7, scale=1)
    found = host.canaries(tmp_path, SHIPPED.procedures[procedure].covers)

    assert found
    assert 10 <= min(map(len, found.values()))


def test_files_of_which_nothing_is_known_cannot_be_searched_for(tmp_path):
    with pytest.raises(DrillError, match="nothing is known that etc/network guard"):
        host.canaries(tmp_path, ["etc/network"])


@pytest.mark.redis
def test_the_canaries_of_a_cache_are_long_enough(redis_server):
    assert [16, 32, 64] == sorted(map(len, CacheStore(redis_server).canaries().values()))


def test_the_program_that_encrypts_the_log_is_given_where_there_is_one(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert SHIPPED == with_age(SHIPPED)

    (tmp_path / "age").write_text("#!/bin/sh\n")
    (tmp_path / "age").chmod(0o755)
    given = {name: each.server_programs[-1:] for name, each in with_age(SHIPPED).procedures.items() if each.archive}

    assert {"postgres-physical": (tmp_path / "age",)} == given


def test_every_scenario_has_a_key_of_its_own(runtime):
    first, second = (encrypted(SHIPPED, workspace=runtime.workspace) for _ in range(2))

    assert first.encryption.recipient != second.encryption.recipient
    assert first.encryption.identity_file.is_relative_to(runtime.workspace.directory)
    assert SHIPPED == unencrypted(first)


def test_without_the_library_no_key_is_made(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyrage", None)

    with pytest.raises(DrillError, match=r'without the library pyrage; run: pip install "dr-drill\[encryption\]"'):
        make_key(tmp_path / "key")
    assert [] == list(tmp_path.iterdir())
