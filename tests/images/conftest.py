"""Containers of the stand-in images, each removed in the end."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import docker
import pytest
from docker.errors import DockerException, ImageNotFound
from docker.models.containers import Container

from tests.images.containers import (
    OLDER_POSTGRES,
    POSTGRES,
    REDIS,
    Run,
)


@pytest.fixture(scope="module")
def engine() -> Iterator[docker.DockerClient]:
    try:
        client = docker.from_env()
        client.ping()
    except DockerException as error:
        pytest.skip(f"no Docker engine answers ({error.__class__.__name__})")
    yield client
    client.close()


@pytest.fixture(scope="module")
def run(engine: docker.DockerClient) -> Run:
    """Run a container of an image, its port published on the loopback, and remove it in the end."""

    @contextmanager
    def running(image: str, command: list[str] | None = None, **options: object) -> Iterator[Container]:
        port = {POSTGRES: "5432/tcp", OLDER_POSTGRES: "5432/tcp", REDIS: "6379/tcp"}[image]
        try:
            engine.images.get(image)
        except ImageNotFound:
            pytest.skip(f"{image} is not built: run images/build {image.removeprefix('dr-drill/')}")
        container = engine.containers.run(image, command, detach=True, ports={port: ("127.0.0.1", None)}, **options)
        try:
            yield container
        finally:
            container.remove(force=True, v=True)

    return running


@pytest.fixture(scope="module")
def password() -> str:
    return secrets.token_hex(8)


@pytest.fixture(scope="module")
def run_postgres(run: Run, password: str) -> Run:
    """Run the Postgres image with a password, and with other settings where they are given."""

    @contextmanager
    def running(*arguments: str, environment: dict[str, str] | None = None, **options: object) -> Iterator[Container]:
        settings = {"POSTGRES_PASSWORD": password} | (environment or {})
        with run(POSTGRES, list(arguments) or None, environment=settings, **options) as container:
            yield container

    return running


@pytest.fixture(scope="module")
def plain_postgres(run_postgres: Run) -> Iterator[Container]:
    """A server with nothing but a password, for whoever only asks."""
    with run_postgres() as container:
        yield container
