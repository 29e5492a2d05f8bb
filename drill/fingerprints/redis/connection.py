"""A connection to a Redis server that returns its replies as they come."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

import redis

Argument = str | bytes | int


class RedisConnection:
    """A connection of one's own to one database index of the server that a client is connected to.

    Replies are bytes, numbers, lists of these and None, whatever the client makes of them.
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
        self._client = redis.Redis.from_pool(redis.ConnectionPool(connection_class=pool.connection_class, **settings))
        self._client.response_callbacks.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def ask(self, *command: Argument) -> Any:
        """Return the reply to one command.

        Raises:
            redis.RedisError: the server went away, or refuses.
        """
        return self._client.execute_command(*command)  # type: ignore[no-untyped-call]

    def ask_all(self, commands: Iterable[tuple[Argument, ...]]) -> list[Any]:
        """Return the replies to several commands, sent at once."""
        with self._client.pipeline(transaction=False) as pipeline:
            for command in commands:
                pipeline.execute_command(*command)  # type: ignore[no-untyped-call]
            return list(pipeline.execute())
