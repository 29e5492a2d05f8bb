"""The same content on an older and a newer server is no difference."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from drill.fingerprints import differences
from drill.fingerprints.redis import fingerprint
from drill.runtimes import Engine, Runtime
from drill.runtimes.containers import ContainerRuntime
from drill.runtimes.protocol import RuntimeUnavailable
from drill.servers.redis import RedisServer
from tests.fingerprints.one_of_everything import fill

OLDER = "redis:7"


@pytest.fixture
def older(runtime: Runtime) -> Iterator[RedisServer]:
    """A server of the version before."""
    if runtime.name != "docker":
        pytest.skip("the embedded runtime has one version: run with --runtime=docker")
    try:
        other = ContainerRuntime.open({Engine.REDIS: OLDER}, reason="to compare versions")
    except RuntimeUnavailable as error:
        pytest.skip(f"{OLDER} is not here: {error}")
    try:
        yield RedisServer.blank(other)
    finally:
        other.close()


def test_an_older_server_s_content_on_a_newer_one_is_no_difference(older, filled):
    with older.client() as client, older.client(3) as elsewhere, filled.client() as new, filled.client(3) as new_one:
        fill(client, elsewhere)
        client.pfcount("visitors")
        expected = fingerprint(client)
        new.flushall()
        new.function_flush()
        new.acl_deluser("app", "more")
        for source, target in ((client, new), (elsewhere, new_one)):
            for key in source.scan_iter():
                ends = max(0, source.pexpiretime(key))
                target.restore(key, ends, source.dump(key), absttl=True)
        new.function_restore(client.function_dump())
        new.acl_setuser("app", enabled=True, passwords=["+hunter2"], keys=["app:*"], commands=["+get"])

        assert [] == differences(expected, fingerprint(new))
