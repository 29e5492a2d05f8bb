"""Template clusters: whoever needs one at the same moment as somebody else gets the same one."""

import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

from pydantic import SecretStr

from drill.servers.postgres import PostgresClusters

PATIENCE = 30
"""Seconds; nothing here takes that long."""


class SlowRuntime:
    """Initialises a cluster when it is told to go on."""

    def __init__(self, directory):
        user = SimpleNamespace(give=lambda _: None)
        self.workspace = SimpleNamespace(make=self.make, user=user, password=SecretStr("password"))
        self.directory = directory
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.times = 0

    def make(self, name):
        (self.directory / name).mkdir()
        return self.directory / name

    def run_once(self, _engine, _command, *, home):
        self.times += 1
        self.begun.set()
        assert self.go_on.wait(PATIENCE)
        (home / "data").mkdir()
        for name in ("postgresql.conf", "pg_hba.conf"):
            (home / "data" / name).touch()


def test_two_who_need_the_blank_cluster_at_once_get_the_same_one(tmp_path):
    runtime = SlowRuntime(tmp_path)
    clusters = PostgresClusters(runtime)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(clusters._blank_cluster)
        assert runtime.begun.wait(PATIENCE)
        second = pool.submit(clusters._blank_cluster)
        runtime.go_on.set()

        assert first.result(PATIENCE) == second.result(PATIENCE)
    assert 1 == runtime.times
