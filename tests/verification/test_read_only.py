"""A repository that cannot be written to is verified like any other: nothing is ever written into it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from drill.backups.catalogue import contents
from drill.verification.reading import Stamp
from tests.procedures import SHIPPED

# A mount that lasts as long as the command: root may write wherever rights alone say no.
READ_ONLY = """
mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" || exit 90
! touch "$1/postgres/written" 2>/dev/null || exit 91
shift && exec "$@"
"""


@pytest.fixture
def read_only(copy):
    """A rehearsed repository, and what a command begins with for which it is read-only."""
    if os.geteuid() == 0:
        begin = ["unshare", "--mount", "sh", "-c", READ_ONLY, "sh", str(copy)]
        if subprocess.run([*begin, "true"], capture_output=True, check=False).returncode == 90:
            pytest.skip("this root may mount nothing, and no rights keep it from writing")
        yield copy, begin
        return
    directories = [copy, *(path for path in copy.rglob("*") if path.is_dir())]
    for path in directories:
        path.chmod(0o500)
    yield copy, []
    for path in directories:
        path.chmod(0o700)


def test_it_is_proven_and_stays_as_it_was(read_only, runtime, tmp_path):
    repository, begin = read_only
    before = Stamp.of([repository]), contents(repository)
    told = tmp_path / "told.json"
    dr_drill = str(Path(sys.executable).with_name("dr-drill"))
    command = [dr_drill, "verify", str(repository), "--json", str(told), f"--runtime={runtime.name}"]
    ran = subprocess.run([*begin, *command], cwd=SHIPPED.directory, capture_output=True, text=True, check=False)

    assert 0 == ran.returncode, ran.stdout + ran.stderr
    assert "proven" == json.loads(told.read_text())["verdict"]
    assert before == (Stamp.of([repository]), contents(repository))
