"""What becomes of the programs of a script that is killed outright."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

TELLS_WHAT_ENDS_IT = """
import ctypes
told = ctypes.c_int()
ctypes.CDLL(None).prctl(2, ctypes.byref(told))  # PR_GET_PDEATHSIG
print(told.value)
"""
SCRIPT = """
import sys
from backup_scripts import programs
print(programs.run([sys.executable, "-c", sys.argv[1]], harmless=sys.argv[2] == "True").answer)
"""


@pytest.mark.parametrize(("harmless", "ended_by"), [(False, signal.SIGTERM), (True, 0)])
def test_only_what_changes_something_is_ended_by_the_kernel(harmless, ended_by):
    command = [sys.executable, "-c", SCRIPT, TELLS_WHAT_ENDS_IT, str(harmless)]
    told = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True)

    assert str(int(ended_by)) == told.stdout.strip()
