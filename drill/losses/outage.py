"""A receiver of the log that dies and comes back, while its server goes on without it."""

from __future__ import annotations

from drill.errors import DrillError
from drill.evidence.verdict import Disproof
from drill.losses.ledger import Writer
from drill.stores import ClusterStore
from drill.waiting import StillWaiting

AWAY = 200
"""How many writes the server acknowledges without it, before and after it could have thrown the first of them away."""


def interrupted(store: ClusterStore, writer: Writer) -> int:
    """Kill the receiver, have the server go on and throw away what log it may, and start the receiver again.

    Returns:
        How many writes had been acknowledged when it was told to catch up: it has to have them all.

    Raises:
        Disproof: it did not come back, or never caught up.
        DrillError: nothing receives the store's log.
    """
    if store.receiver is None:
        raise DrillError(f"nothing receives the log of {store.procedure}", remedy="drill a procedure that streams it")
    store.receiver.kill()
    writer.wait_for(AWAY)
    store.throw_away_log()
    writer.wait_for(AWAY)
    try:
        store.receiver.start()
        acknowledged = len(writer.ledger)
        store.keep_now()
    except StillWaiting as error:
        raise Disproof(
            f"what was written without the receiver never arrived: {error}", remedy="give it a slot"
        ) from error
    return acknowledged
