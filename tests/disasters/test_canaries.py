"""Secrets planted where a drill can meet them appear in nothing that it writes, says or hands on."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from drill.datasets import host
from drill.evidence import keys
from drill.evidence.envelope import opened
from drill.evidence.statement import NAME
from tests.evidence.rehearsal import REPOSITORY
from tests.procedures import SHIPPED

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
SECRET_KEY_OF_AGE = b"AGE-SECRET-KEY-1"
TOLD = {
    "gate": [],
    "log": [],
    "history": [],
    "runbook": [],
    "project": [],
    "report": [f"--month={datetime.now(UTC):%Y-%m}"],
}
"""What is asked of the evidence afterwards; each says all that it can."""
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
def pair(tmp_path_factory):
    """The keys that the evidence is signed with; not among what is looked through."""
    return keys.create(tmp_path_factory.mktemp("keys") / "pair")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory, pair):
    """What lies on the estate's host and in key files: the content of a seed is the same everywhere."""
    root = tmp_path_factory.mktemp("host")
    host.seed(root, seed=SHIPPED.estate.seed, scale=1)
    return {
        ".env": host.password(root),
        "a user's SSH key": (root / "home/an/.ssh/id_ed25519").read_bytes(),
        "the signing key": pair.private.read_bytes().splitlines()[1],
        "a secret key of age": SECRET_KEY_OF_AGE,
        "a row": ROWS,
        "the environment": CANARY.encode(),
    }


@pytest.fixture(scope="module")
def drilled(tmp_path_factory, pair):
    """A disaster of the whole estate, handled with secrets all around; what was seen of it."""
    place = tmp_path_factory.mktemp("canaries")
    command = [sys.executable, "-m", "pytest", SCENARIO, "-k", "nobody_answers", "--runtime=embedded"]
    command += ["-pno:cacheprovider", f"--junitxml={place / 'junit.xml'}"]
    command += [f"--reports={place / 'reports'}", f"--alluredir={place / 'allure'}"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")} | PLANTED
    environment |= {keys.VARIABLE: str(pair.private)}
    with (place / "output").open("wb") as output:
        process = subprocess.Popen(
            command, cwd=REPOSITORY, env=environment, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )
        watching = Watching(process)
        watching.start()
        status = process.wait()
        watching.over.set()
        watching.join()
    for name, options in TOLD.items():
        with (place / f"{name}.txt").open("wb") as said:
            subprocess.run(
                [Path(sys.executable).with_name("dr-drill"), name, *options, f"--reports={place / 'reports'}"],
                cwd=REPOSITORY, env=environment, stdout=said, stderr=subprocess.STDOUT, check=False,
            )  # fmt: skip
    return place, status, watching


def test_the_drill_was_one(drilled):
    place, status, watching = drilled

    said = (place / "output").read_text("utf-8")
    assert "1 passed" in said, said
    # Of the criterion it stands for, that nobody could be told measured nothing.
    assert 3 == status, said
    assert any("backup_scripts.redis_restore" in argv for argv in watching.argv)


def written(place):
    """Everything that was written, by its file; what is packed into a statement, too."""
    files = [path for path in place.rglob("*") if path.is_file()]
    return {
        str(path.relative_to(place)): path.read_bytes()
        + (opened(path.read_bytes()).payload if path.name == NAME else b"")
        for path in files
    }


def found(secrets, held):
    """Where which secret lies, as it is or as people and programs write bytes down."""
    return [
        f"{what} in {name}"
        for what, secret in secrets.items()
        for name, content in held.items()
        if any(form in content for form in (secret, secret.hex().encode(), base64.b64encode(secret)))
    ]


def test_no_report_log_result_or_output_holds_a_secret(drilled, guarded):
    place, _, _ = drilled
    held = written(place)

    assert {".html", ".json", ".jsonl", ".pdf", ".xml", ".txt", ".csv", ".sqlite"} <= {
        Path(name).suffix for name in held
    }
    assert {f"{name}.txt" for name in TOLD} <= held.keys()
    assert [] == found(guarded, held)


def test_a_secret_that_was_written_down_is_found_in_any_form(guarded):
    forms = [guarded[".env"], guarded[".env"].hex().encode(), base64.b64encode(guarded[".env"])]

    assert [[".env in log"]] * 3 == [found(guarded, {"log": b"said: " + form}) for form in forms]


def test_no_command_line_shows_a_secret(drilled, guarded):
    _, _, watching = drilled

    assert [] == found(guarded, {argv: os.fsencode(argv) for argv in watching.argv})


def test_no_environment_holds_what_lies_in_files_and_rows(drilled, guarded):
    _, _, watching = drilled
    inside = {what: secret for what, secret in guarded.items() if what != "the environment"}

    assert [] == found(inside, {argv: os.fsencode(environment) for argv, environment in watching.environments})


def test_no_command_and_no_server_is_handed_a_secret_that_it_does_not_need(drilled):
    _, _, watching = drilled
    judged = {(argv, environment) for argv, environment in watching.environments if any(map(argv.count, JUDGED))}

    assert [] == [name for name in JUDGED if not any(name in argv for argv, _ in judged)]
    assert [] == sorted({argv for argv, environment in judged if CANARY in environment})
