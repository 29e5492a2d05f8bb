"""What holds for every script: help that teaches, errors in one form, nothing of the project imported."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.backup_scripts.operating import CHECKOUT, Scripts

MODULES = [
    "postgres_basebackup",
    "postgres_dump",
    "postgres_recover",
    "postgres_restore",
    "redis_restore",
    "redis_snapshot",
    "retention_prune",
]

SCRIPTS = sorted(
    path.stem for path in (CHECKOUT / "backup_scripts").glob("*.py") if '"__main__"' in path.read_text("utf-8")
)


@pytest.mark.parametrize("module", MODULES)
def test_help_tells_the_environment_and_the_exit_statuses(scripts: Scripts, module):
    ran = scripts.run(module, "--help")

    assert 0 == ran.status
    assert "BACKUP_REPOSITORY" in ran.output
    assert "Exit status: 0 " in ran.output


@pytest.mark.parametrize("module", MODULES)
def test_an_unknown_option_is_a_wrong_argument_in_the_form_of_every_error(scripts: Scripts, module):
    ran = scripts.run(module, "--unknown")

    assert (2, "") == (ran.status, ran.output)
    assert re.fullmatch(r"error: wrong-arguments: .+; see --help\n", ran.said)


@pytest.mark.parametrize("module", MODULES)
def test_a_missing_environment_is_a_wrong_argument(scripts: Scripts, module):
    arguments = ["20260101T000000.000000Z-full"] if module.endswith("restore") else []
    ran = Scripts(
        Path(), {"BACKUP_REPOSITORY": "", "PGDATABASE": "shop", "REDIS_DIR": "/", "RESTORE_TARGET": "/x"}
    ).run(module, *arguments)

    assert (2, "environment-missing") == (ran.status, ran.slug)
    assert "BACKUP_REPOSITORY is not set" in ran.said


@pytest.mark.parametrize("module", MODULES)
def test_only_the_standard_library_is_imported(module):
    script = f"import sys, backup_scripts.{module}; print(*{{name.split('.')[0] for name in sys.modules}})"
    loaded = subprocess.run(
        [sys.executable, "-S", "-c", script], cwd=CHECKOUT, capture_output=True, text=True, check=True
    ).stdout.split()

    # How the interpreter was built; the module's name holds the platform.
    built = {name for name in loaded if name.startswith("_sysconfigdata_")}

    assert {"backup_scripts", "__main__"} == set(loaded) - sys.stdlib_module_names - built


def test_pruning_loads_nothing_that_only_backups_need():
    script = "import sys, backup_scripts.retention_prune; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-S", "-c", script], cwd=CHECKOUT, capture_output=True, text=True, check=True
    ).stdout.split()

    assert set() == {"subprocess", "ctypes", "concurrent.futures", "shutil"} & set(loaded)


@pytest.mark.parametrize("script", SCRIPTS)
def test_no_script_looks_at_code_when_it_starts(script):
    """As data classes do, which takes a fifth of a start (docs/decisions/0063)."""
    loaded = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys, backup_scripts.{script}; print(*sys.modules)"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert {"argparse"} == {"argparse", "dataclasses", "inspect"} & set(loaded)


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_ends_at_once_with_what_its_run_returned(script):
    source = (CHECKOUT / "backup_scripts" / f"{script}.py").read_text("utf-8")

    assert source.endswith('\nif __name__ == "__main__":\n    contract.leave(main())\n')


LEAVING = """
import atexit, sys
from backup_scripts import contract

atexit.register(print, "cleared away")
sys.stdout.write("told")
contract.leave(3)
"""


def test_what_was_written_is_told_and_nothing_is_cleared_away_at_the_end():
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    ran = subprocess.run(
        [sys.executable, "-c", LEAVING], cwd=CHECKOUT, env=buffered, capture_output=True, text=True, check=False
    )

    assert (3, "told", "") == (ran.returncode, ran.stdout, ran.stderr)


WAITING = """
import signal, sys, threading
from backup_scripts import contract

def script(_arguments):
    lock = threading.Lock()
    lock.acquire()
    # To the other thread: so the wait of this one is not broken off, as when the signal comes just before it begins.
    threading.Timer(0.3, lambda: signal.pthread_kill(threading.get_ident(), signal.SIGTERM)).start()
    lock.acquire()

sys.exit(contract.run(script, []))
"""


def test_a_signal_is_heard_that_comes_just_before_a_wait_begins():
    ran = subprocess.run(
        [sys.executable, "-c", WAITING], cwd=CHECKOUT, capture_output=True, text=True, timeout=60, check=False
    )

    assert (1, "") == (ran.returncode, ran.stdout)
    assert ran.stderr.startswith("error: interrupted: ended by SIGTERM")


FORGETTING = """
import sys
from contextlib import contextmanager
from pathlib import Path
from backup_scripts import contract

@contextmanager
def script(arguments):
    yield {"whole": True}
    Path(arguments[0]).unlink()

sys.exit(contract.run(script, None))
"""


@pytest.mark.parametrize(("told", "is_kept"), [("/dev/null", False), ("/dev/full", True)])
def test_what_a_restore_is_known_by_goes_only_when_its_result_was_told(tmp_path, told, is_kept):
    note = tmp_path / "note"
    note.touch()
    with Path(told).open("w") as output:
        ran = subprocess.run(
            [sys.executable, "-c", FORGETTING, note], cwd=CHECKOUT, stdout=output, stderr=subprocess.PIPE, check=False
        )

    assert is_kept == note.exists() == (ran.returncode != 0)
