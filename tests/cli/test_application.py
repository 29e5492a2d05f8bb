"""The command as a whole: every module of it is a command, and is found by its name."""

import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from drill import cli
from drill.cli.application import COMMANDS

CHECKOUT = Path(__file__).parents[2]
SHARED = {"application", "servers"}


def test_every_module_is_a_command():
    modules = {module.name for module in pkgutil.iter_modules(cli.__path__)}

    assert modules - SHARED == set(COMMANDS)
    assert sorted(COMMANDS) == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_is_for(name):
    shown = CliRunner().invoke(cli.app, [name, "--help"])

    assert 0 == shown.exit_code
    assert f"Usage: dr-drill {name}" in shown.output


def test_the_help_lists_every_command():
    shown = CliRunner().invoke(cli.app, ["--help"])

    assert all(f" {name} " in shown.output for name in COMMANDS)


def test_an_unknown_command_is_wrong_usage():
    shown = CliRunner().invoke(cli.app, ["restore-everything"])

    assert 2 == shown.exit_code
    assert "No such command 'restore-everything'" in shown.output


def test_the_gate_loads_nothing_that_only_drills_and_reports_need():
    script = "import sys, drill.cli.gate; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=CHECKOUT, capture_output=True, text=True, check=True)

    assert set() == {"psutil", "drill.projection", "xml.etree.ElementTree", "pytest"} & set(done.stdout.split())
