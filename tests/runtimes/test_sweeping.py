"""Nothing is left behind by a run that was killed, and nothing of a live run is touched."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from drill.runtimes import RuntimeUnavailable, resolve
from drill.runtimes.owner import Owner
from drill.runtimes.shared_memory import PID_FILE, PLACE_IN_PID_FILE, SEGMENTS
from drill.runtimes.sweeping import sweep
from drill.runtimes.workspace import base

# A run of its own: starts servers, says where they are, and waits to be killed.
RUN = """
import json, sys
from drill.runtimes import resolve
from drill.servers.postgres import PostgresClusters
from drill.servers.redis import RedisServer
runtime = resolve(sys.argv[1], {"postgres": sys.argv[2], "redis": sys.argv[3]}).open()
postgres, redis = PostgresClusters(runtime).blank(), RedisServer.blank(runtime)
print(json.dumps({"workspace": str(runtime.workspace.directory), "ports": [postgres.port, redis.port]}), flush=True)
sys.stdin.read()
"""


@pytest.fixture(params=["embedded", "docker"])
def runtime_name(request):
    return request.param


@pytest.fixture
def start_run(runtime_name, policy):
    images = dict(policy.runtime.images.items())
    try:
        resolve(runtime_name, images)
    except RuntimeUnavailable as error:
        pytest.skip(f"{runtime_name}: {error}")
    started = []

    def start():
        run = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", RUN, runtime_name, images["postgres"], images["redis"]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(run)
        return run, json.loads(run.stdout.readline())

    yield start
    for run in started:
        run.kill()
        run.communicate()
    sweep(containers=runtime_name == "docker")


def answering(ports):
    connections = psutil.net_connections("tcp")
    listening = {connection.laddr.port for connection in connections if connection.status == psutil.CONN_LISTEN}
    return [port for port in ports if port in listening]


def segments(workspace):
    """Key and id of the shared memory of every server whose data lies there."""
    lines = [file.read_text("utf-8").splitlines() for file in Path(workspace).rglob(PID_FILE)]
    return {tuple(each[PLACE_IN_PID_FILE].split()) for each in lines}


def present():
    return {tuple(line.split()[:2]) for line in SEGMENTS.read_text("ascii").splitlines()}


def kill(run):
    os.kill(run.pid, signal.SIGKILL)
    run.wait()


def test_what_a_killed_run_left_is_swept_and_a_live_run_is_not_touched(start_run, runtime_name):
    dead, left = start_run()
    _, alive = start_run()
    kill(dead)
    assert left["ports"] == answering(left["ports"])
    abandoned, used = segments(left["workspace"]), segments(alive["workspace"]) & present()

    sweep(containers=runtime_name == "docker")

    assert abandoned
    assert set() == abandoned & present()
    assert used <= present()
    assert ([], False) == (answering(left["ports"]), Path(left["workspace"]).exists())
    assert (alive["ports"], True) == (answering(alive["ports"]), Path(alive["workspace"]).exists())


def test_sweeping_twice_is_the_same_as_once(start_run, runtime_name):
    dead, left = start_run()
    kill(dead)
    sweep(containers=runtime_name == "docker")

    assert left["workspace"] not in sweep(containers=runtime_name == "docker")
    assert ([], False) == (answering(left["ports"]), Path(left["workspace"]).exists())


def test_what_has_no_owner_s_name_is_never_swept():
    stranger = base() / "somebody-else"
    stranger.mkdir()
    try:
        swept = sweep(containers=False)

        assert str(stranger) not in swept
        assert stranger.is_dir()
    finally:
        stranger.rmdir()


def test_this_process_is_not_gone():
    assert Owner.current().is_gone() is False


def test_an_owner_survives_being_written_down():
    assert Owner.current() == Owner.parse(str(Owner.current()))


@pytest.mark.parametrize("text", ["", "a_b_c_d", "boot_1_2", "boot_1_2_3_4"])
def test_what_is_no_owner_is_not_taken_for_one(text):
    assert Owner.parse(text) is None


def test_a_process_id_that_was_reused_is_another_owner():
    here = Owner.current()
    earlier = Owner(boot=here.boot, namespace=here.namespace, pid=here.pid, started=here.started - 1)

    assert earlier.is_gone() is True


def test_another_boot_s_owner_is_gone_and_another_namespace_s_is_left_alone():
    here = Owner.current()

    assert Owner(boot="another", namespace=here.namespace, pid=here.pid, started=here.started).is_gone() is True
    assert Owner(boot=here.boot, namespace=here.namespace + 1, pid=1, started=1).is_gone() is False
