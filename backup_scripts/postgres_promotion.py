"""The wait for a PostgreSQL server that was started to recover, until it is a server of its own again."""

from __future__ import annotations

import os
import time
from typing import Any

from backup_scripts import contract, postgres
from backup_scripts.contract import Clock, Failed, Result

PAUSE_SECONDS = 0.05
TELL_SECONDS = 10
# pg_control names the new timeline only after the next checkpoint; the name of the current segment does at once.
PROGRESS = """
SELECT json_build_object(
    'recovering', pg_is_in_recovery(),
    'lsn', pg_last_wal_replay_lsn(),
    'time', to_json(pg_last_xact_replay_timestamp() AT TIME ZONE 'UTC') #>> '{}',
    'segment', CASE WHEN NOT pg_is_in_recovery() THEN pg_walfile_name(pg_current_wal_lsn()) END)
"""


def wait(patience: int) -> Result:
    """Wait until the server is out of recovery; say where that ended.

    Args:
        patience: seconds that may pass without any progress of the replay.

    Raises:
        Failed: ``server-not-back``, ``still-in-recovery``, ``authentication-failed``.
    """
    clock, database = Clock(), os.environ.get("PGDATABASE") or "postgres"
    seen: dict[str, Any] = {}
    last = "it has not answered yet"
    progressed = told = time.monotonic()
    while time.monotonic() - progressed < patience:
        try:
            found = postgres.ask(PROGRESS, database=database, aloud=False)
        except Failed as error:
            if error.slug != "server-unreachable":
                raise
            last = str(error)
        else:
            if not found["recovering"]:
                return _result(found, clock)
            if found["lsn"] != seen.get("lsn"):
                progressed = time.monotonic()
            seen, last = found, f"replayed to {found['lsn']}, last commit {found['time']}"
        if time.monotonic() - told > TELL_SECONDS:
            told = time.monotonic()
            contract.say(f"waiting for the server: {last}")
        time.sleep(PAUSE_SECONDS)
    advice = f"no progress for {patience} s ({last}); read the server's log"
    raise Failed("still-in-recovery" if seen else "server-not-back", advice)


def _result(found: dict[str, Any], clock: Clock) -> Result:
    at = found["time"] and f"{found['time']}+00:00"
    return {
        "timeline": int(found["segment"][:8], 16),
        "seconds": round(clock.seconds(), 3),
        "recovered_to": {"lsn": found["lsn"], "time": at},
    }
