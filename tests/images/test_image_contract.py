"""The stand-in images keep the official images' contract, point by point."""

from __future__ import annotations

import gzip
import os
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import docker
import psycopg
import pytest
import redis
from docker.errors import DockerException, ImageNotFound
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


class TestPostgresFirstStart:
    def test_makes_the_superuser_and_the_database_that_were_named(self, run_postgres: Run, password: str) -> None:
        named = {"POSTGRES_USER": "counting", "POSTGRES_DB": "cameras"}

        with run_postgres(environment=named) as container:
            assert "cameras" == asked(
                container, "select current_database()", user="counting", database="cameras", password=password
            )
            assert "on" == asked(container, "show is_superuser", user="counting", database="cameras", password=password)

    def test_lets_nobody_in_from_elsewhere_without_the_password(self, plain_postgres: Container, password: str) -> None:
        assert 1 == asked(plain_postgres, "select 1", password=password)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            asked(plain_postgres, "select 1", password="wrong")

    def test_reads_the_password_from_a_file(self, run_postgres: Run, tmp_path: Path) -> None:
        (tmp_path / "password").write_text("from a file\n")

        with run_postgres(
            environment={"POSTGRES_PASSWORD": "", "POSTGRES_PASSWORD_FILE": "/secrets/password"},
            volumes=[f"{tmp_path}:/secrets:ro"],
        ) as container:
            assert 1 == asked(container, "select 1", password="from a file")

    def test_is_refused_without_a_password(self, run_postgres: Run) -> None:
        with run_postgres(environment={"POSTGRES_PASSWORD": ""}) as container:
            status = container.wait()["StatusCode"]

            assert 1 == status
            assert "error: the superuser has no password" in container.logs().decode()

    def test_passes_the_given_options_to_initdb(self, run_postgres: Run, password: str) -> None:
        options = "--wal-segsize=1 --no-data-checksums"

        with run_postgres(environment={"POSTGRES_INITDB_ARGS": options}) as container:
            assert "1MB" == asked(container, "show wal_segment_size", password=password)
            assert "off" == asked(container, "show data_checksums", password=password)

    def test_runs_the_initialisation_files_in_order(self, run_postgres: Run, password: str, tmp_path: Path) -> None:
        tmp_path.chmod(0o755)
        (tmp_path / "1.sql").write_text("create table told (by text);")
        (tmp_path / "2.sql.gz").write_bytes(gzip.compress(b"insert into told values ('a packed file');"))
        (tmp_path / "3.sh").write_text("""docker_process_sql <<<"insert into told values ('a script')" """)

        with run_postgres(volumes=[f"{tmp_path}:/docker-entrypoint-initdb.d:ro"]) as container:
            assert ["a packed file", "a script"] == asked(
                container, "select array_agg(by order by ctid) from told", password=password
            )

    def test_speaks_the_official_locale(self, plain_postgres: Container, password: str) -> None:
        query = "select datcollate || ' ' || pg_encoding_to_char(encoding) from pg_database limit 1"

        assert "en_US.utf8 UTF8" == asked(plain_postgres, query, password=password)


class TestPostgresEveryStart:
    @pytest.mark.parametrize("program", [[], ["postgres"]])
    def test_passes_its_arguments_to_the_server(self, run_postgres: Run, password: str, program: list[str]) -> None:
        with run_postgres(*program, "-c", "wal_level=logical") as container:
            assert "logical" == asked(container, "show wal_level", password=password)

    def test_keeps_its_data_where_pgdata_says(self, run_postgres: Run, password: str, tmp_path: Path) -> None:
        tmp_path.chmod(0o755)
        home = tmp_path / "cluster"

        with run_postgres(environment={"PGDATA": str(home)}, volumes=[f"{tmp_path}:{tmp_path}"]) as container:
            assert str(home) == asked(container, "show data_directory", password=password)
            assert (home / "PG_VERSION").exists()

    def test_runs_as_postgres_and_not_as_root(self, plain_postgres: Container, password: str) -> None:
        asked(plain_postgres, "select 1", password=password)

        assert 999 == owner_of_server(plain_postgres)

    def test_stops_fast_though_a_client_stays(self, run_postgres: Run, password: str) -> None:
        with run_postgres() as container:
            asked(container, "select 1", password=password)
            address = ("127.0.0.1", published(container))
            with socket.create_connection(address):
                container.stop()

            assert "received fast shutdown request" in container.logs().decode()
            assert 0 == container.wait()["StatusCode"]

    @needs_root
    @ARBITRARY
    def test_serves_as_an_arbitrary_user_what_another_container_left(
        self, run_postgres: Run, password: str, tmp_path: Path, uid: int
    ) -> None:
        os.chown(tmp_path, uid, uid)
        options = {"user": f"{uid}:{uid}", "volumes": [f"{tmp_path}:{DATA}"]}
        with run_postgres(**options) as first:
            asked(first, "select 1", password=password)
            output(first, "psql", "-U", "postgres", "-c", "create table kept as select 42 as answer")
            first.stop()

        with run_postgres(**options) as second:
            assert 42 == asked(second, "select answer from kept", password=password)
            assert uid == owner_of_server(second)
            assert "Skipping initialization" in second.logs().decode()

    def test_has_every_program_on_its_path(self, run_postgres: Run) -> None:
        programs = f"{CLIENTS} {SERVERS}".split()

        with run_postgres("bash", "-c", f"type -P {' '.join(programs)}") as container:
            container.wait()
            found = container.logs().decode().split()

        assert programs == [Path(program).name for program in found]

    def test_finds_the_wrappers_before_the_client_programs_as_the_official_image_does(self, run_postgres: Run) -> None:
        with run_postgres("bash", "-c", "readlink -f $(type -P pg_dump initdb)") as container:
            container.wait()
            found = container.logs().decode().split()

        assert ["/usr/share/postgresql-common/pg_wrapper", "/usr/lib/postgresql/18/bin/initdb"] == found

    def test_runs_another_program_when_told_so(self, run_postgres: Run) -> None:
        with run_postgres("pg_dump", "--version") as container:
            container.wait()

            assert "pg_dump (PostgreSQL) 18" in container.logs().decode()


class TestRedis:
    def test_answers_from_elsewhere_and_keeps_its_data_in_data(self, run: Run) -> None:
        with run(REDIS) as container, client(container) as server:
            assert "/data" == server.config_get("dir")["dir"]
            assert server.info("server")["redis_version"].startswith("8.")

    def test_runs_as_redis_and_not_as_root(self, run: Run) -> None:
        with run(REDIS) as container, client(container):
            assert 999 == owner_of_server(container)

    @pytest.mark.parametrize("program", [[], ["redis-server"]])
    def test_passes_its_arguments_to_the_server(self, run: Run, password: str, program: list[str]) -> None:
        arguments = [*program, "--appendonly", "yes", "--requirepass", password]

        with run(REDIS, arguments) as container:
            with client(container, password=password) as server:
                assert "yes" == server.config_get("appendonly")["appendonly"]
            with pytest.raises(redis.AuthenticationError), client(container):
                pass

    def test_obeys_a_configuration_file(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "redis.conf").write_text("maxmemory 7mb\n")
        tmp_path.chmod(0o755)

        with (
            run(REDIS, ["/etc/redis/redis.conf"], volumes=[f"{tmp_path}:/etc/redis:ro"]) as container,
            client(container) as server,
        ):
            assert str(7 * 1024**2) == server.config_get("maxmemory")["maxmemory"]

    @needs_root
    @ARBITRARY
    def test_serves_as_an_arbitrary_user_what_another_container_left(self, run: Run, tmp_path: Path, uid: int) -> None:
        os.chown(tmp_path, uid, uid)
        options = {"user": f"{uid}:{uid}", "volumes": [f"{tmp_path}:/data"]}
        with run(REDIS, **options) as first, client(first) as server:
            server.set("kept", "42")
            first.stop()

        with run(REDIS, **options) as second, client(second) as server:
            assert "42" == server.get("kept")
            assert uid == owner_of_server(second)

    def test_has_every_program_on_its_path(self, run: Run) -> None:
        programs = ["redis-server", "redis-cli", "redis-check-rdb", "redis-check-aof"]

        with run(REDIS, ["bash", "-c", f"type -P {' '.join(programs)}"]) as container:
            container.wait()
            found = container.logs().decode().split()

        assert programs == [Path(program).name for program in found]


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


def test_an_older_postgres_keeps_its_data_where_its_official_image_did(run: Run, password: str) -> None:
    with run(OLDER_POSTGRES, environment={"POSTGRES_PASSWORD": password}) as container:
        version = asked(container, "SHOW server_version_num", password=password)

        assert 17 == int(str(version)) // 10000
        assert "/var/lib/postgresql/data" == asked(container, "SHOW data_directory", password=password)
        assert ["/var/lib/postgresql/data"] == list(container.image.attrs["Config"]["Volumes"])
