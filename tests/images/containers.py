"""Containers of the stand-in images: which there are, and how they are asked."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import psycopg
import pytest
import redis
from docker.models.containers import Container
from redis.backoff import NoBackoff
from redis.retry import Retry

from drill.waiting import Patience, eventually

POSTGRES = "dr-drill/postgres:18"
OLDER_POSTGRES = "dr-drill/postgres:17"
REDIS = "dr-drill/redis:8"
DATA = "/var/lib/postgresql/18/docker"
CLIENTS = "psql pg_dump pg_dumpall pg_restore pg_basebackup pg_combinebackup pg_verifybackup pg_receivewal"
SERVERS = "postgres initdb pg_ctl pg_amcheck pg_waldump pg_controldata pg_isready pgbench"
ARBITRARY = pytest.mark.parametrize("uid", [65534, 1001])
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory to another user")
Run = Callable[..., AbstractContextManager[Container]]


def published(container: Container) -> int:
    container.reload()
    [[binding]] = [bindings for bindings in container.ports.values() if bindings]
    return int(binding["HostPort"])


def asked(container: Container, query: str, *, password: str, user: str = "postgres", database: str = "") -> object:
    """Return the one value that the query answers, over TCP, as soon as the finished server answers."""

    def answer() -> psycopg.Connection | None:
        container.reload()
        assert container.status == "running", container.logs().decode()
        try:
            return psycopg.connect(
                host="127.0.0.1",
                port=published(container),
                user=user,
                password=password,
                dbname=database or user,
                connect_timeout=5,
            )
        except psycopg.OperationalError as error:
            if "password" in str(error):
                raise
            return None

    with eventually("the container's Postgres answers", answer, Patience.SERVER_READY) as connection:
        [value] = connection.execute(query).fetchone()
    return value


def output(container: Container, *argv: str) -> str:
    return container.exec_run(list(argv)).output.decode().strip()


def owner_of_server(container: Container) -> int:
    return int(output(container, "stat", "-c", "%u", "/proc/1"))


@contextmanager
def client(container: Container, **options: object) -> Iterator[redis.Redis]:
    """Yield a client that comes from beyond the container's own loopback, once the server answers."""
    connection = redis.Redis(
        host="127.0.0.1",
        port=published(container),
        decode_responses=True,
        retry=Retry(NoBackoff(), retries=0),
        **options,
    )

    def answers() -> bool:
        container.reload()
        assert container.status == "running", container.logs().decode()
        try:
            return connection.ping()
        except redis.AuthenticationError:
            raise
        except redis.ConnectionError:
            return False

    try:
        eventually("the container's Redis answers", answers, Patience.SERVER_READY)
        yield connection
    finally:
        connection.close()
