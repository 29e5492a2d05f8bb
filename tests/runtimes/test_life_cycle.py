"""What a server can suffer, on both runtimes."""

from __future__ import annotations

import subprocess

import psutil
import psycopg
import pytest
import redis

from drill.runtimes import Engine, ports
from drill.servers.process import ServerError
from drill.servers.redis import RedisServer
from drill.waiting import Patience, eventually


@pytest.fixture
def database_server(each_clusters):
    server = each_clusters.blank()
    yield server
    server.discard()


@pytest.fixture
def cache_server(each_runtime):
    server = RedisServer.blank(each_runtime)
    yield server
    server.discard()


def numbers(server):
    with server.connect() as connection:
        return [number for (number,) in connection.execute("SELECT n FROM kept ORDER BY n")]


def keep(server, number):
    with server.connect() as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (n integer)")
        connection.execute("INSERT INTO kept VALUES (%s)", [number])


def test_a_crash_loses_no_acknowledged_write_while_the_disk_is_there(database_server):
    keep(database_server, 7)
    port = database_server.port

    database_server.kill()
    assert database_server.service.is_running() is False
    with pytest.raises(psycopg.OperationalError):
        database_server.connect()
    database_server.start()

    assert [7] == numbers(database_server)
    assert port == database_server.port


def test_servers_listen_where_this_host_alone_reaches_them(database_server, cache_server):
    listening = [each.laddr for each in psutil.net_connections("tcp") if each.status == psutil.CONN_LISTEN]
    servers = {(server.host, server.port) for server in (database_server, cache_server)}
    ports = {port for _, port in servers}
    bridge = {each.address for each in psutil.net_if_addrs().get("docker0", ())}

    assert servers == {(ip, port) for ip, port in listening if port in ports}
    assert {host for host, _ in servers} <= {"127.0.0.1", *bridge}


def test_a_supervised_server_that_is_held_is_started_again_only_afterwards(cache_server):
    with cache_server.client() as client:
        client.config_set("save", "")
        first = client.info("server")["run_id"]
        with cache_server.service.held():
            client.shutdown(nosave=True)
            for _ in range(30):
                with pytest.raises(redis.ConnectionError):
                    client.ping()
        eventually("another server", lambda: answers(cache_server), Patience.SERVER_READY)
        second = client.info("server")["run_id"]

    assert first != second


def test_a_supervised_server_that_ends_at_the_very_end_of_being_held_is_started_again(cache_server):
    with cache_server.client() as client:
        client.config_set("save", "")
        with cache_server.service.held():
            client.shutdown(nosave=True)

    assert eventually("another server", lambda: answers(cache_server), Patience.SERVER_READY)


def answers(server):
    try:
        with server.client() as client:
            return client.ping()
    except redis.ConnectionError:
        return False


def test_an_orderly_stop_and_start_keeps_everything(database_server):
    keep(database_server, 8)

    database_server.stop()
    assert database_server.service.is_running() is False
    database_server.start()

    assert [8] == numbers(database_server)


def test_a_lost_disk_is_lost_and_the_target_in_its_place_is_blank(database_server):
    keep(database_server, 9)
    database_server.create_database("shop")

    database_server.lose_data()
    assert database_server.data.exists() is False
    database_server.provision()
    database_server.start()

    assert ["postgres"] == database_server.database_names()
    with pytest.raises(psycopg.errors.UndefinedTable):
        numbers(database_server)


def test_a_server_without_its_disk_does_not_start_and_says_why(database_server):
    database_server.lose_data()

    with pytest.raises(ServerError, match="ended instead of starting"):
        database_server.start()


def test_seeded_servers_hold_the_same_and_do_not_share(each_clusters):
    first = each_clusters.seeded("seven", lambda server: keep(server, 7))
    second = each_clusters.seeded("seven", lambda server: keep(server, 7))
    keep(first, 8)

    assert ([7, 8], [7]) == (numbers(first), numbers(second))
    first.discard()
    second.discard()


def test_a_copy_of_a_database_leaves_the_original_alone(database_server):
    database_server.create_database("estate")
    name = database_server.clone_database("estate")
    with database_server.connect(name) as connection:
        connection.execute("CREATE TABLE only_here ()")

    with database_server.connect("estate") as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE tablename = 'only_here'").fetchone()

    assert (0,) == tables


def test_a_discarded_server_leaves_no_process_and_no_directory(each_clusters):
    server = each_clusters.blank()
    home = server.service.home

    server.discard()

    assert home.exists() is False
    with pytest.raises(psycopg.OperationalError):
        server.connect()


def test_client_programs_match_the_server(each_runtime, database_server):
    environment = database_server.environment()
    said = subprocess.run(["pg_dump", "--version"], env=environment, capture_output=True, text=True, check=True)

    assert each_runtime.version(Engine.POSTGRES).product.split()[-1] == said.stdout.split()[2]


def test_a_client_program_dies_with_sigkill_itself(database_server):
    client = subprocess.Popen(
        ["psql", "-c", "SELECT pg_sleep(600)"], env=database_server.environment(), stderr=subprocess.DEVNULL
    )
    running = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'"
    with database_server.connect() as connection:
        eventually("the query", lambda: connection.execute(running).fetchone()[0], Patience.SERVER_READY)
        client.kill()
        client.wait()
        # The program was the child itself: nothing of it writes to its files any more. The server ends the query when
        # it notices the closed connection, which is the server's own affair.
        assert client.returncode == -9


def test_a_client_program_passes_exit_status_input_and_directory(database_server, tmp_path):
    environment = database_server.environment()
    fails = subprocess.run(
        ["psql", "-v", "ON_ERROR_STOP=1", "-c", "nonsense"], env=environment, capture_output=True, check=False
    )
    reads = subprocess.run(
        ["psql", "-At"], env=environment, input="SELECT 6 * 7;", capture_output=True, text=True, check=True
    )
    subprocess.run(["pg_dump", "-f", "here.sql"], env=environment, cwd=tmp_path, check=True)

    assert (1, "42\n", True) == (fails.returncode, reads.stdout, (tmp_path / "here.sql").is_file())


def test_a_wrong_password_is_refused(database_server):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(
            host=database_server.host, port=database_server.port, user="postgres", password="wrong", dbname="postgres"
        )


def test_a_cache_is_started_again_after_an_orderly_end(cache_server):
    with cache_server.client() as client:
        client.set("kept", 1)
        before = client.info("server")["run_id"]
        with pytest.raises(redis.ConnectionError):
            client.execute_command("SHUTDOWN", "SAVE")

    def back():
        try:
            with cache_server.client() as client:
                return client.info("server")["run_id"] != before and client.get("kept")
        except (redis.ConnectionError, redis.BusyLoadingError):
            return None

    assert b"1" == eventually("the cache", back, Patience.SERVER_READY)


def test_a_cache_that_is_killed_stays_down_and_loses_what_it_did_not_save(cache_server):
    with cache_server.client() as client:
        client.set("lost", 1)
    port = cache_server.port

    cache_server.kill()
    with pytest.raises(redis.ConnectionError):
        cache_server.client().ping()
    cache_server.start()

    with cache_server.client() as client:
        assert (0, port) == (client.dbsize(), cache_server.port)


def test_a_cache_that_lost_its_disk_is_blank(cache_server):
    with cache_server.client() as client:
        client.set("lost", 1)
        client.save()

    cache_server.lose_data()
    cache_server.provision()
    cache_server.start()

    with cache_server.client() as client:
        assert 0 == client.dbsize()


def test_the_password_is_in_no_process_s_arguments_and_no_server_s_environment(
    database_server, cache_server, each_runtime
):
    listing = subprocess.run(["ps", "axeww", "-o", "args"], capture_output=True, text=True, check=True).stdout

    assert "postgres" in listing
    assert "PATH=" in listing
    assert each_runtime.workspace.password.get_secret_value() not in listing


def test_what_a_server_says_of_itself_names_product_and_port(cache_server, database_server):
    assert str(cache_server.port) in str(cache_server)
    assert "PostgreSQL" in str(database_server)


def test_the_bus_of_a_cluster_s_node_listens_where_no_outgoing_connection_is(each_runtime):
    server = RedisServer.blank(each_runtime, settings={"cluster-enabled": "yes"})
    try:
        with server.client() as client:
            bus = int(client.config_get("cluster-port")["cluster-port"])
        assert bus in ports.RANGE
    finally:
        server.discard()


def test_a_server_that_was_never_started_is_discarded(each_clusters):
    vacant = each_clusters.vacant()
    vacant.discard()

    assert not vacant.service.home.exists()
