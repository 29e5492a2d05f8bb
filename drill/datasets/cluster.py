"""What a server holds beside the estate's database: things that a backup of one database does not know."""

from __future__ import annotations

from importlib.resources import files

from drill.servers.postgres import PostgresServer

SECOND = "camera_archive"
TABLESPACE = "cold_storage"


def canaries(server: PostgresServer) -> dict[str, bytes]:
    """Return some of what the second database guards; it came there through the log of the server."""
    with server.connect(SECOND) as connection:
        ((plan,),) = connection.execute("SELECT lo_get(17)").fetchall()
    return {"the yearly plan": plan}


def extend(server: PostgresServer) -> None:
    """Add a second database to a server that holds the estate's, with a table in a tablespace of its own."""
    server.make_tablespace(TABLESPACE)
    server.create_database(SECOND)
    with server.connect(SECOND) as connection:
        connection.execute(files(__package__).joinpath("cluster.sql").read_bytes())
