"""Every runtime that can be had here, one after the other."""

from __future__ import annotations

import pytest

from drill.runtimes import RuntimeUnavailable, resolve
from drill.servers.postgres import PostgresClusters


@pytest.fixture(scope="session", params=["embedded", "docker"])
def each_runtime(request, settings):
    try:
        resolution = resolve(request.param, dict(settings.policy.runtime.images.items()))
    except RuntimeUnavailable as error:
        pytest.skip(f"{request.param}: {error}")
    runtime = resolution.open()
    yield runtime
    runtime.close()


@pytest.fixture(scope="session")
def each_clusters(each_runtime):
    return PostgresClusters(each_runtime)


@pytest.fixture
def containers(settings):
    """A runtime of containers, alone."""
    try:
        runtime = resolve("docker", dict(settings.policy.runtime.images.items())).open()
    except RuntimeUnavailable as error:
        pytest.skip(str(error))
    yield runtime
    runtime.close()
