"""What a recovered store holds, beside what it should: a store that cannot even be read is disproven."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from drill.backups.backup import Backup
from drill.evidence.attachments import attach_text
from drill.evidence.verdict import Disproof
from drill.fingerprints import Difference, FingerprintError, differences, expirations
from drill.losses.ledger import Loss, Writer
from drill.recoveries.recovery import NO_ANSWER, Recovery
from drill.stores import ClusterStore, Store


def compared(store: Store, backup: Backup) -> list[Difference]:
    """Return how a recovered store differs from what the backup should have caught, and show it in the evidence.

    Raises:
        Disproof: the recovered store cannot be read.
    """
    with _read_after_recovery():
        found = differences(backup.held, store.fingerprint())
    attach_text("differences", "\n".join(map(str, found)) or "none")
    return found


def expired(store: Store, backup: Backup) -> list[str]:
    """Return what a recovered store lacks because its time was over, and show it in the evidence.

    Raises:
        Disproof: the recovered store cannot be read.
    """
    with _read_after_recovery():
        found = expirations(backup.held, store.fingerprint())
    attach_text("expired", "\n".join(map(str, found)) or "none")
    return [named for each in found for named in each.keys]


def written(store: Store) -> set[int]:
    """Return which of the ledger's writes a recovered store has.

    Raises:
        Disproof: the recovered store cannot be read.
    """
    with _read_after_recovery():
        return store.written()


def misplaced(store: Store, expected: Iterable[int]) -> list[int]:
    """Return the ledger's writes that a recovered store lacks although it should have them, or has although not.

    Raises:
        Disproof: the recovered store cannot be read.
    """
    return sorted(written(store) ^ set(expected))


def spanning(store: ClusterStore) -> list[tuple[object, ...]]:
    """Return what a recovered store has of the transaction that spans a moment.

    Raises:
        Disproof: the recovered store cannot be read.
    """
    with _read_after_recovery():
        return store.spanning()


def lost(store: Store, writer: Writer, recovery: Recovery) -> Loss:
    """Return what a recovery lost of the acknowledged writes.

    Raises:
        Disproof: the recovered store cannot be read.
    """
    return writer.ledger.loss(written(store), disaster_at=recovery.declared_at)


@contextmanager
def _read_after_recovery() -> Iterator[None]:
    try:
        yield
    except (*NO_ANSWER, FingerprintError) as error:
        raise Disproof(
            f"the recovered store cannot be read: {error}", remedy="see what the restore command said"
        ) from error
