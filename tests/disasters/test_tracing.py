"""Whoever traces a command sees every program that it becomes, and is in nobody's way."""

import json
import sys
from datetime import timedelta
from pathlib import Path

from drill.commands.execution import run
from tests.disasters.tracing import __file__ as tracing

LIMIT = timedelta(minutes=5)
BRIEF = """
from datetime import timedelta
from pathlib import Path
from drill.commands.execution import run
import sys
given = {"environment": {}, "directory": Path.cwd(), "limit": timedelta(minutes=5)}
sys.exit({run(["true", "a secret"], **given).status for _ in range(40)} != {0})
"""


def traced(log, *command, **environment):
    words = [sys.executable, tracing, str(log), *command]
    outcome = run(words, environment={"PATH": "/usr/bin:/bin", **environment}, directory=Path.cwd(), limit=LIMIT)
    return outcome, [json.loads(line) for line in log.read_text("utf-8").splitlines()]


def test_every_program_is_seen_however_brief_and_whoever_starts_it(tmp_path):
    _, seen = traced(
        tmp_path / "log", "sh", "-c", "true one; sh -c '/bin/true two; (/bin/true three & wait)'; exec /bin/true four"
    )

    assert {"one", "two", "three", "four"} - {each["argv"].split()[-1] for each in seen} == {"one"}, "a shell's own"


def test_what_a_program_is_handed_is_seen_and_what_its_file_of_passwords_holds(tmp_path):
    (tmp_path / "passfile").write_text("*:*:*:me:secret\n", "ascii")
    _, seen = traced(tmp_path / "log", "/bin/true", PGPASSFILE=str(tmp_path / "passfile"))

    assert {"*:*:*:me:secret\n"} == {text for each in seen for text in each["files"]}
    assert all(each["environment"]["PGPASSFILE"] == str(tmp_path / "passfile") for each in seen)


def test_it_ends_as_it_would_unseen(tmp_path):
    statuses = [traced(tmp_path / str(status), "sh", "-c", f"exit {status}")[0].status for status in (0, 3)]
    killed, _ = traced(tmp_path / "killed", "sh", "-c", "sh -c 'kill -TERM $$'; echo $?")

    assert ([0, 3], "143\n") == (statuses, killed.output)


def test_who_is_held_stays_so_until_told_to_go_on(tmp_path):
    outcome, _ = traced(tmp_path / "log", "sh", "-c", "(kill -STOP $$; kill -CONT $$; echo went on) & wait; wait")

    assert "went on\n" == outcome.output


def test_whoever_waits_for_a_program_finds_it_ended(tmp_path):
    outcome, seen = traced(tmp_path / "log", sys.executable, "-c", BRIEF)

    assert (0, "") == (outcome.status, outcome.diagnostics)
    assert 40 <= sum(each["argv"] == "true a secret" for each in seen)
