"""Secrets planted where a drill can meet them appear in nothing that it writes, says or hands on."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import psutil
import pytest

from drill.evidence.envelope import opened
from drill.evidence.statement import NAME
from tests.evidence.rehearsal import REPOSITORY

CANARY = "canary-5f0c2e"
PLANTED = {
    name: f"{CANARY}-{name.lower()}"
    for name in (
        "PGPASSWORD",
        "REDISCLI_AUTH",
        "AWS_SECRET_ACCESS_KEY",
        "DR_DRILL_API_KEY",
        "OFFSITE_SECRET_ACCESS_KEY",
    )
} | {"DR_DRILL_TEAM_CHANNEL": f"json://drill:{CANARY}-channel@127.0.0.1:9/"}
ROWS = b"User.1@example.invalid"
"""What only those who are let into the database may read."""
JUDGED = ("backup_scripts.redis_restore", "backup_scripts.files_archive", "bin/postgres", "valkey-server")
"""Commands of the policy, and the servers."""
SCENARIO = "features/disaster_recovery/plan.feature"


class Watching(threading.Thread):
    """Looks at every process that a drill starts, as anybody on the machine can."""

    def __init__(self, process):
        super().__init__(daemon=True)
        self.process, self.argv, self.environments, self.over = process, set(), set(), threading.Event()

    def run(self):
        while not self.over.wait(0.02):
            try:
                for child in psutil.Process(self.process.pid).children(recursive=True):
                    self._look(child)
            except psutil.Error:
                continue

    def _look(self, child):
        try:
            # The command line first: one that is new has its own environment already.
            argv = " ".join(child.cmdline())
            self.argv.add(argv)
            self.environments.add((argv, "\n".join(f"{k}={v}" for k, v in child.environ().items())))
        except psutil.Error:
            return


@pytest.fixture(scope="module")
def drilled(tmp_path_factory):
    """A disaster of the whole estate, handled with secrets all around; what was seen of it."""
    place = tmp_path_factory.mktemp("canaries")
    command = [sys.executable, "-m", "pytest", SCENARIO, "-k", "nobody_answers", "--runtime=embedded"]
    command += ["-pno:cacheprovider", f"--junitxml={place / 'junit.xml'}"]
    command += [f"--reports={place / 'reports'}", f"--alluredir={place / 'allure'}"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")} | PLANTED
    with (place / "output").open("wb") as output:
        process = subprocess.Popen(
            command, cwd=REPOSITORY, env=environment, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )
        watching = Watching(process)
        watching.start()
        status = process.wait()
        watching.over.set()
        watching.join()
    return place, status, watching


def test_the_drill_was_one(drilled):
    place, status, watching = drilled

    assert 0 == status, (place / "output").read_text("utf-8")
    assert any("backup_scripts.redis_restore" in argv for argv in watching.argv)


@pytest.mark.parametrize("secret", [CANARY.encode(), ROWS])
def test_no_report_log_result_or_output_holds_a_secret(drilled, secret):
    place, _, _ = drilled
    files = [path for path in place.rglob("*") if path.is_file()]
    held = {
        path: path.read_bytes() + (opened(path.read_bytes()).payload if path.name == NAME else b"") for path in files
    }

    assert {".json", ".jsonl", ".xml", ".txt", ".csv"} <= {path.suffix for path in files}
    assert [] == [str(path.relative_to(place)) for path, content in held.items() if secret in content]


def test_no_command_line_shows_a_secret(drilled):
    _, _, watching = drilled

    assert [] == [argv for argv in watching.argv if CANARY in argv]


def test_no_command_and_no_server_is_handed_a_secret_that_it_does_not_need(drilled):
    _, _, watching = drilled
    judged = {(argv, environment) for argv, environment in watching.environments if any(map(argv.count, JUDGED))}

    assert [] == [name for name in JUDGED if not any(name in argv for argv, _ in judged)]
    assert [] == sorted({argv for argv, environment in judged if CANARY in environment})
