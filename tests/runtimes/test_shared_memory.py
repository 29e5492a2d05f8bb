"""A killed PostgreSQL leaves nothing in the machine's own memory."""

from pathlib import Path

import pytest

from drill.runtimes import shared_memory
from drill.runtimes.embedded import EmbeddedRuntime
from drill.runtimes.shared_memory import PID_FILE, PLACE_IN_PID_FILE, SEGMENTS
from drill.servers.postgres import PostgresClusters
from drill.waiting import Patience, eventually


@pytest.fixture(scope="module")
def clusters():
    runtime = EmbeddedRuntime.open(reason="asked for")
    yield PostgresClusters(runtime)
    runtime.close()


@pytest.fixture
def server(clusters):
    server = clusters.blank()
    yield server
    server.discard()


def noted(server) -> str:
    """The id of the server's segment."""
    return (server.data / PID_FILE).read_text("utf-8").splitlines()[PLACE_IN_PID_FILE].split()[1]


def there(number: str) -> bool:
    return number in {line.split()[1] for line in SEGMENTS.read_text("ascii").splitlines()}


def test_the_segment_of_a_killed_server_is_removed(server):
    number = noted(server)
    assert there(number)
    server.kill()

    assert not there(number)


def test_a_killed_server_starts_again_without_its_segment(server):
    server.kill()
    server.start()

    with server.connect() as connection:
        assert [(1,)] == connection.execute("SELECT 1").fetchall()
    assert there(noted(server))


def test_nothing_of_a_server_lies_outside_its_directory(server):
    with server.connect() as connection:
        connection.execute("SET debug_parallel_query = on")
        assert [(True,)] == connection.execute("SELECT count(*) > 0 FROM pg_class").fetchall()
        [(pid,)] = connection.execute("SELECT pg_backend_pid()").fetchall()
        mapped = Path(f"/proc/{pid}/maps").read_text("utf-8")

    assert "/shm/PostgreSQL" not in mapped


def test_the_segment_of_a_server_that_runs_stays(server):
    assert [] == shared_memory.release(server.data)
    with server.connect() as connection:
        assert [(1,)] == connection.execute("SELECT 1").fetchall()


@pytest.mark.parametrize("text", ["", "1\n2\n3\n4\n5\n6\nno numbers", "1\n2\n3\n4\n5\n6\n 0 999999999\n"])
def test_a_lock_file_that_names_no_segment_is_passed_over(tmp_path, text):
    (tmp_path / PID_FILE).write_text(text, "utf-8")

    assert [] == shared_memory.release(tmp_path)


def test_a_segment_of_that_id_and_another_key_stays(server, tmp_path):
    """As when the machine has given the id to somebody else's segment meanwhile."""
    lines = (server.data / PID_FILE).read_text("utf-8").splitlines()
    key, number = map(int, lines[PLACE_IN_PID_FILE].split())
    lines[PLACE_IN_PID_FILE] = f"{key + 1} {number}"
    (tmp_path / PID_FILE).write_text("\n".join(lines), "utf-8")
    server.service._process.kill()
    eventually("the server to be gone", lambda: _detached(number), Patience.SERVER_GONE)

    assert [] == shared_memory.release(tmp_path)
    assert there(str(number))


def _detached(number: int) -> bool:
    rows = [line.split() for line in SEGMENTS.read_text("ascii").splitlines()[1:]]
    return [row[6] for row in rows if row[1] == str(number)] == ["0"]
