"""The stand-in images say what they stand in for, and how they are used."""

from __future__ import annotations

import docker
import pytest

from tests.images.containers import (
    POSTGRES,
    REDIS,
    Run,
)


@pytest.mark.parametrize(
    ("image", "official", "port", "stop"),
    [(POSTGRES, "postgres:18", "5432/tcp", "SIGINT"), (REDIS, "redis:8", "6379/tcp", None)],
)
def test_the_image_says_what_it_is(
    engine: docker.DockerClient, run: Run, image: str, official: str, port: str, stop: str | None
) -> None:
    with run(image, ["true"]) as container:
        configuration = container.image.attrs["Config"]

    assert official == configuration["Labels"]["io.dr-drill.stand-in-for"]
    assert ["docker-entrypoint.sh"] == configuration["Entrypoint"]
    assert [port] == list(configuration["ExposedPorts"])
    assert stop == configuration.get("StopSignal")
