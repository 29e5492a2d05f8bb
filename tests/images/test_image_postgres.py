"""The stand-in images of PostgreSQL keep the official images' contract, point by point."""

from __future__ import annotations

import gzip
import os
import socket
from pathlib import Path

import psycopg
import pytest
from docker.models.containers import Container

from tests.images.containers import (
    ARBITRARY,
    CLIENTS,
    DATA,
    OLDER_POSTGRES,
    SERVERS,
    Run,
    asked,
    needs_root,
    output,
    owner_of_server,
    published,
)


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

    def test_keeps_its_data_where_pgdata_says(self, run_postgres: Run, password: str) -> None:
        home = "/elsewhere/cluster"

        with run_postgres(environment={"PGDATA": home}) as container:
            assert home == asked(container, "show data_directory", password=password)
            assert 0 == container.exec_run(["test", "-f", f"{home}/PG_VERSION"]).exit_code

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


def test_an_older_postgres_keeps_its_data_where_its_official_image_did(run: Run, password: str) -> None:
    with run(OLDER_POSTGRES, environment={"POSTGRES_PASSWORD": password}) as container:
        version = asked(container, "SHOW server_version_num", password=password)

        assert 17 == int(str(version)) // 10000
        assert "/var/lib/postgresql/data" == asked(container, "SHOW data_directory", password=password)
        assert ["/var/lib/postgresql/data"] == list(container.image.attrs["Config"]["Volumes"])
