"""The recipe of docs/evidence.md finds what we find, with nothing of ours."""

import json
import re
import shutil
import subprocess
import sys
from datetime import timedelta

import pytest

from drill.evidence import keys
from drill.evidence.statement import NAME
from tests.evidence.rehearsal import REPOSITORY
from tests.evidence.stores import BEGINNING, exchanged, finished, restated, store

[RECIPE] = re.findall(r"```python\n(.*?)```", (REPOSITORY / "docs" / "evidence.md").read_text("utf-8"), re.DOTALL)


@pytest.fixture
def runs(tmp_path, pair):
    reports = tmp_path / "reports"
    signer = keys.signer_from({keys.VARIABLE: str(pair.private)})
    return [reports / "runs" / record.id for record in store(reports, signer=signer)]


def check(runs, pair, tmp_path):
    script = tmp_path / "check.py"
    script.write_text(RECIPE, "utf-8")
    # Isolated, and in another place: nothing of this checkout can be imported.
    return subprocess.run(
        [sys.executable, "-I", script, runs[0].parent.parent, pair.public],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_imports_nothing_of_ours():
    imported = re.findall(r"^(?:import|from) (\w+)", RECIPE, re.MULTILINE)

    assert {"base64", "cryptography"} == set(imported)
    assert "drill" not in RECIPE.replace("drDrill", "")


def test_it_says_that_signed_evidence_holds(runs, pair, tmp_path):
    done = check(runs, pair, tmp_path)

    assert (0, True, "") == (done.returncode, done.stdout.startswith("head: 3:"), done.stderr)


@pytest.mark.parametrize(
    "tamper",
    [
        lambda runs: (runs[1] / "run.json").write_text("{}"),
        lambda runs: (runs[1] / "events.jsonl").unlink(),
        lambda runs: (runs[1] / "more").write_text("x"),
        lambda runs: shutil.rmtree(runs[1]),
        lambda runs: shutil.rmtree(runs[0]),
        lambda runs: exchanged(runs[0], runs[2]),
        lambda runs: restated(runs[2], verdict="disproven"),
        lambda runs: (runs[2] / NAME).unlink(),
        lambda runs: (runs[2] / NAME).write_text(
            json.dumps(json.loads((runs[2] / NAME).read_text()) | {"signatures": []})
        ),
        lambda runs: finished(runs[0].parent.parent, at=BEGINNING + timedelta(days=9)),
        lambda runs: [shutil.rmtree(run) for run in runs],
    ],
    ids=[
        "changed",
        "missing",
        "added",
        "a run",
        "the first",
        "exchanged",
        "restated",
        "bare",
        "stripped",
        "put",
        "all",
    ],
)
def test_it_finds_what_was_tampered_with(runs, pair, tmp_path, tamper):
    tamper(runs)
    done = check(runs, pair, tmp_path)

    assert (1, True) == (done.returncode, bool(done.stderr))
    assert "Traceback" not in done.stderr
