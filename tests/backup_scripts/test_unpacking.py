"""Unpacking stored files: what is wrong with one is told as such, and not as what came of it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.backup_scripts.operating import CHECKOUT

ROTTEN = Path("/proc/self/mem")
"""Opens, and gives an input/output error to whoever reads its beginning, as a bad sector does."""
UNPACKING = """
import sys
from pathlib import Path
from backup_scripts import contract
from backup_scripts.manifest import StoredFile
from backup_scripts.unpacking import Packed, Unpacking

place, name = Path(sys.argv[1]), sys.argv[2]
packed = Packed(place, StoredFile(name, 9, "0" * 64), place / "target", encrypted=False)
sys.exit(contract.run(lambda _: Unpacking(None, None).unpack([packed], jobs=1), []))
"""


@pytest.mark.parametrize("name", ["data", "base.tar", "base.tar.gz"])
def test_a_file_that_the_disk_does_not_give_back_is_named(tmp_path, name):
    (tmp_path / "target").mkdir()
    (tmp_path / name).symlink_to(ROTTEN)
    command = [sys.executable, "-c", UNPACKING, str(tmp_path), name]
    ran = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)

    assert (3, "") == (ran.returncode, ran.stdout)
    assert ran.stderr.startswith(f"error: file-unreadable: {tmp_path / name}: Input/output error; restore another")
