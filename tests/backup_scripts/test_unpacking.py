"""Unpacking stored files: what is wrong with one is told as such, and not as what came of it."""

import gzip
import hashlib
import io
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.backup_scripts.operating import CHECKOUT

ROTTEN = Path("/proc/self/mem")
"""Opens, and gives an input/output error to whoever reads its beginning, as a bad sector does."""
UNPACKING = """
import sys
from pathlib import Path
if sys.argv[4] == "zlib":
    sys.modules["isal"] = None
from backup_scripts import contract, unpacking
from backup_scripts.manifest import StoredFile
from backup_scripts.unpacking import Packed, Unpacking

assert sys.argv[4] in unpacking.zlib.__name__, unpacking.zlib
place, name, sha256 = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
packed = Packed(place, StoredFile(name, 9, sha256), place / "target", encrypted=False)
sys.exit(contract.run(lambda _: (Unpacking(None, None).unpack([packed], jobs=1), {})[1], []))
"""
CONTENT = bytes(range(256)) * 40_000
"""Larger than what is unpacked at once."""


@pytest.fixture(params=["isal", "zlib"])
def inflated_by(request):
    if request.param != "zlib":
        pytest.importorskip(request.param)
    return request.param


def unpacked(place, name, *, sha256="0" * 64, inflated_by="zlib"):
    (place / "target").mkdir()
    command = [sys.executable, "-c", UNPACKING, str(place), name, sha256, inflated_by]
    return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)


def tar():
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive:
        member = tarfile.TarInfo("data")
        member.size = len(CONTENT)
        archive.addfile(member, io.BytesIO(CONTENT))
    return written.getvalue()


def stored(place, content):
    """Store an archive as if it were as it had been made; what is wrong with it is then its own."""
    (place / "base.tar.gz").write_bytes(content)
    return {"name": "base.tar.gz", "sha256": hashlib.sha256(content).hexdigest()}


@pytest.mark.parametrize("name", ["data", "base.tar", "base.tar.gz"])
def test_a_file_that_the_disk_does_not_give_back_is_named(tmp_path, name):
    (tmp_path / name).symlink_to(ROTTEN)
    ran = unpacked(tmp_path, name)

    assert (3, "{}") == (ran.returncode, ran.stdout.strip() or "{}")
    assert ran.stderr.startswith(f"error: file-unreadable: {tmp_path / name}: Input/output error; restore another")


@pytest.mark.parametrize("members", [1, 3])
def test_a_gzip_of_several_comes_out_whole(tmp_path, members, inflated_by):
    whole = tar()
    size = -(-len(whole) // members)
    pieces = b"".join(gzip.compress(whole[begin : begin + size], 1) for begin in range(0, len(whole), size))
    ran = unpacked(tmp_path, **stored(tmp_path, pieces), inflated_by=inflated_by)

    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "target" / "data").read_bytes() == CONTENT


@pytest.mark.parametrize("left", [-1, -9, 4000, 12])
def test_half_a_gzip_is_told_from_a_whole_one(tmp_path, left, inflated_by):
    ran = unpacked(tmp_path, **stored(tmp_path, gzip.compress(tar(), 1)[:left]), inflated_by=inflated_by)

    assert (1, "") == (ran.returncode, ran.stdout)
    assert "what was stored is half a gzip" in ran.stderr


@pytest.mark.parametrize("place", [0, 2, 5000, -6, -2])
def test_an_altered_gzip_is_told_from_a_sound_one(tmp_path, place, inflated_by):
    altered = bytearray(gzip.compress(tar(), 1))
    altered[place] ^= 0xFF
    ran = unpacked(tmp_path, **stored(tmp_path, bytes(altered)), inflated_by=inflated_by)

    assert (1, "") == (ran.returncode, ran.stdout)
    assert "what was stored is no gzip" in ran.stderr
