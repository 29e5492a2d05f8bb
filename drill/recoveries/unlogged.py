"""What no log knows: unlogged tables, which a physical copy brings back empty and numbered anew, and rightly so.

PostgreSQL's manual says so under "CREATE TABLE", of UNLOGGED. Everything else has to come back as it was.
"""

from __future__ import annotations

from dataclasses import dataclass

from drill.backups.backup import Backup
from drill.fingerprints import Difference, Fingerprint
from drill.recoveries.comparison import compared
from drill.stores import ClusterStore

STATE, NEW = "state of ", "not called yet"


@dataclass(frozen=True, slots=True)
class Unlogged:
    """A recovered server, its unlogged tables and their sequences seen apart from everything else.

    Attributes:
        others: how everything else differs from what was backed up.
        held: the unlogged tables that held rows when it was backed up, and the sequences that had given a number.
        kept: those of them that do so still, or again.
    """

    others: tuple[Difference, ...]
    held: frozenset[str]
    kept: frozenset[str]


def set_apart(store: ClusterStore, backup: Backup) -> Unlogged:
    """Compare a recovered server with what was backed up and set apart what no log knows.

    Raises:
        Disproof: the recovered server cannot be read.
    """
    differences, unlogged = compared(store, backup), store.unlogged()
    return Unlogged(
        others=tuple(each for each in differences if each.where not in unlogged),
        held=_filled(backup.held, unlogged),
        kept=_filled(store.fingerprint(), unlogged),
    )


def _filled(fingerprint: Fingerprint, unlogged: frozenset[str]) -> frozenset[str]:
    tables = {where for where, content in fingerprint.contents.items() if content.rows > 0}
    sequences = {where for where, fact in fingerprint.facts.items() if STATE in where and not fact.endswith(NEW)}
    return unlogged & (tables | sequences)
