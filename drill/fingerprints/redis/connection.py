"""A connection to a Redis server that returns its replies as they come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import redis

Argument = str | bytes | int


class RedisConnection:
    """A connection of one's own to one database index of the server that a client is connected to.

    Replies are bytes, numbers, lists of these and None, whatever the client makes of them. One that was refused leaves
    the others unread: close the connection then.
    """

    def __init__(self, client: redis.Redis, *, database: int) -> None:
        pool = client.connection_pool
        settings = {
            name: value
            for name, value in pool.connection_kwargs.items()
            # These belong to the pool that they were made for, and demand RESP 3.
            if not name.startswith(("maint_notifications", "orig_"))
        }
        settings |= {"db": database, "decode_responses": False, "protocol": 2}
        self._pool = redis.ConnectionPool(connection_class=pool.connection_class, **settings)
        self._connection = self._pool.get_connection()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.disconnect()

    def ask(self, *command: Argument) -> Any:
        """Return the reply to one command.

        Raises:
            redis.RedisError: the server went away, or refuses.
        """
        self.send([command])
        return self.receive()

    def ask_all(self, commands: Sequence[tuple[Argument, ...]]) -> list[Any]:
        """Return the replies to several commands, sent at once."""
        self.send(commands)
        return [self.receive() for _ in commands]

    def send(self, commands: Sequence[tuple[Argument, ...]]) -> None:
        """Send commands and go on while the server works; each has to be received, in this order."""
        packed = self._connection.pack_commands(commands)  # type: ignore[no-untyped-call]
        self._connection.send_packed_command(packed, check_health=False)  # type: ignore[no-untyped-call]

    def receive(self) -> Any:
        """Return the next reply.

        Raises:
            redis.RedisError: the server went away, or refuses.
        """
        return self._connection.read_response()
