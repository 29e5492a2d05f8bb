"""A container engine that dies in the middle of a run."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from drill.runtimes import RuntimeUnavailable, resolve
from drill.runtimes.container_engine import connect
from drill.runtimes.container_service import LABEL
from drill.runtimes.owner import Owner
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


def containers_of(pid, *, since):
    """The containers that a run has made, and those of them that are removed, with the time of that."""
    client, made, removed = connect(), set(), {}
    labels = {"label": LABEL, "type": "container", "event": ["create", "destroy"]}
    for event in client.events(since=since, until=time.time(), filters=labels, decode=True):
        owner = Owner.parse(event["Actor"]["Attributes"][LABEL])
        if owner is not None and owner.pid == pid:
            if event["Action"] == "create":
                made.add(event["Actor"]["ID"])
            else:
                removed[event["Actor"]["ID"]] = event["timeNano"] / 1e9
    client.close()
    return made, removed


def test_a_lost_engine_leaves_the_run_unproven_and_the_next_run_sweeps(mortal, tmp_path):
    started = time.time()
    with subprocess.Popen(
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
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as done:
        said, _ = done.communicate()
    ended = time.time()

    record = json.loads((tmp_path / "reports" / "latest" / "run.json").read_text("utf-8"))
    assert mortal_engine.DIED_AS_INTENDED == mortal.wait(timeout=10)
    assert (3, "unproven") == (done.returncode, record["verdict"]), said
    assert "the container engine does not answer any more" in record["scenarios"][0]["reason"]
    assert "INTERNALERROR" not in said

    sweep(containers=True)  # or another test's run has done it meanwhile
    made, removed = containers_of(done.pid, since=started)
    left = {each for each in made if removed.get(each, math.inf) > ended}

    assert left
    assert left <= removed.keys()
