"""The stand-in image of Redis keeps the official image's contract, point by point."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import redis

from tests.images.containers import (
    ARBITRARY,
    REDIS,
    Run,
    client,
    needs_root,
    owner_of_server,
)


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
