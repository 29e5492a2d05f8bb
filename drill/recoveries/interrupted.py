"""A restore that is killed with all that it has started, at a moment that can be seen from outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import redis

from drill.backups.backup import Backup
from drill.commands.runbook import Outcome, Runbook
from drill.evidence.journal import Kind
from drill.servers.redis import RedisServer
from drill.stores import CacheStore, DatabaseStore
from drill.waiting import Patience, eventually


def lose_and_kill_restore(
    store: CacheStore | DatabaseStore, backup: Backup, *, moment: str, runbook: Runbook
) -> Outcome:
    """Lose a store, provision a blank target in its place and kill the restore onto it at one of `MOMENTS`.

    Raises:
        StillWaiting: the moment never came.
        DrillError: the restore ended by itself before that.
    """
    store.lose()
    runbook.journal.event(Kind.INCIDENT, what=f"{store.procedure} lost", declared=True)
    store.provision()
    # A restore that waits for its server cannot come to its end before somebody has looked.
    with store.server.service.held():
        return runbook.kill_restore(store, backup.id, once=MOMENTS[moment](store))


def write_to_successor(store: CacheStore, key: str) -> None:
    """Write a key as soon as the server that was stopped for a restore takes one.

    Raises:
        StillWaiting: it never did.
    """

    def written() -> bool:
        try:
            with store.server.client() as client:
                return bool(client.set(key, 1))
        except (redis.ConnectionError, redis.BusyLoadingError):
            return False

    eventually("the new server to take a write", written, Patience.SERVER_READY)


def _filled(store: CacheStore) -> Callable[[], bool]:
    before = set(store.server.data.iterdir())
    return lambda: bool(set(store.server.data.iterdir()) - before)


def _stopped(store: CacheStore) -> Callable[[], bool]:
    before = _run(store.server)
    return lambda: _run(store.server) != before


def _created(store: DatabaseStore) -> Callable[[], bool]:
    before = set(store.server.database_names())
    return lambda: bool(set(store.server.database_names()) - before)


def _run(server: RedisServer) -> str | None:
    """Return what tells one start of a server from another; nothing while it is away."""
    try:
        with server.client() as client:
            return str(client.info("server")["run_id"])
    except (redis.ConnectionError, redis.BusyLoadingError):
        return None


MOMENTS: Mapping[str, Callable[[Any], Callable[[], bool]]] = MappingProxyType(
    {
        "begun to fill the new disk": _filled,
        "stopped the new server": _stopped,
        "created the database": _created,
    }
)
"""What has happened when the restore is killed → what tells it of a store."""
