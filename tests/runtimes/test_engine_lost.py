"""A container engine that dies in the middle of a run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from drill.runtimes import RuntimeUnavailable, resolve
from drill.runtimes.sweeping import sweep
from tests.runtimes import mortal_engine

ENGINE = "/var/run/docker.sock"
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def mortal(policy, tmp_path):
    try:
        resolve("docker", dict(policy.runtime.images.items()))
    except RuntimeUnavailable as error:
        pytest.skip(str(error))
    command = [sys.executable, mortal_engine.__file__, ENGINE, str(tmp_path / "engine.sock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert "ready\n" == process.stdout.readline()
            yield process
        finally:
            process.kill()


def test_a_lost_engine_leaves_the_run_unproven_and_the_next_run_sweeps(mortal, tmp_path):
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "features/database/recovery_time.feature",
            "--runtime=docker",
            "-k",
            "disk",
            f"--reports={tmp_path / 'reports'}",
            "-p",
            "no:cacheprovider",
        ],
        cwd=ROOT,
        env={**os.environ, "DOCKER_HOST": f"unix://{tmp_path / 'engine.sock'}"},
        capture_output=True,
        text=True,
        check=False,
    )

    record = json.loads((tmp_path / "reports" / "latest" / "run.json").read_text("utf-8"))
    assert mortal_engine.DIED_AS_INTENDED == mortal.wait(timeout=10)
    assert (3, "unproven") == (done.returncode, record["verdict"]), done.stdout + done.stderr
    assert "the container engine does not answer any more" in record["scenarios"][0]["reason"]
    assert "INTERNALERROR" not in done.stdout + done.stderr
    assert sweep(containers=True) != []
