"""One thing that a verification found: a stable id, what it is about, how much it weighs and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from drill.evidence.verdict import Verdict


class Severity(StrEnum):
    """What a finding does to the verdict: a failure disproves, a gap leaves unproven, a note changes nothing."""

    FAILURE = "failure"
    GAP = "gap"
    NOTE = "note"

    @property
    def verdict(self) -> Verdict:
        """What is known where this was found."""
        return {
            Severity.FAILURE: Verdict.DISPROVEN,
            Severity.GAP: Verdict.UNPROVEN,
            Severity.NOTE: Verdict.PROVEN,
        }[self]


ANOTHER = "restore another backup, take a new one, and find out what befell this one"
REMEDIES: dict[str, tuple[Severity, str]] = {
    # What the repository itself shows.
    "NO-SETS": (Severity.GAP, "name the directory that holds the sets, or find out why no backup was ever taken"),
    "NO-BACKUPS": (Severity.FAILURE, "find out why no backup is complete"),
    "NO-SUCH-BACKUP": (Severity.GAP, "name an id that dr-drill catalogue lists"),
    "SET-UNKNOWN": (Severity.GAP, "name a procedure for this set in policy.toml, or move the directory away"),
    "SET-MISSING": (Severity.GAP, "rehearse it where that can be done, or name with --set what is to be verified"),
    "SET-LOST": (Severity.FAILURE, "find another copy of the set; find out what removed it"),
    "TARGET-MISSING": (Severity.GAP, "install what is missing, or restore it by hand"),
    "EXPOSED": (Severity.FAILURE, "take the rights of others away (chmod o=), and find out who has read it"),
    "UNGUARDED": (Severity.FAILURE, "take the rights of others away (chmod o-w); find out who has changed what"),
    "UNENCRYPTED": (Severity.FAILURE, "find out why it was not encrypted, and who has read it; take a new one"),
    "KEY-BESIDE": (Severity.FAILURE, "move the key to where no backup is, and make a new one: take this one for known"),
    "REPOSITORY-TOUCHED": (Severity.FAILURE, "correct the restore procedure: it may read the repository only"),
    "LINK": (Severity.FAILURE, "put the files themselves in its place: what it leads to is no part of this backup"),
    # What the record of a rehearsal shows.
    "RECORD-ALTERED": (Severity.FAILURE, "believe neither record nor backups; rehearse anew"),
    "RECORD-MISSING": (Severity.GAP, "rehearse: without a record, only that a backup restores can be shown"),
    "CONTENT-UNRECORDED": (Severity.GAP, "rehearse: nobody knows what the source of this backup held"),
    "BACKUP-LOST": (Severity.FAILURE, "find another copy of it, and correct what removes backups"),
    "BACKUP-DIFFERS": (Severity.FAILURE, ANOTHER),
    "SOURCE-DIFFERS": (Severity.FAILURE, "it is of another server: keep one set for one server"),
    # What the restore and the restored system show.
    "RESTORE-REFUSED": (Severity.FAILURE, ANOTHER),
    "RESTORE-FAILED": (Severity.FAILURE, "read what the command said; restore another backup"),
    "RESTORE-MISTAKEN": (Severity.FAILURE, "correct the restore procedure: its arguments or its environment are wrong"),
    "FLAW-OVERLOOKED": (Severity.FAILURE, "have the restore procedure verify a backup before it restores it"),
    "TARGET-TOUCHED": (Severity.FAILURE, "have the restore procedure verify everything before it touches the target"),
    "NOT-BOOTABLE": (Severity.FAILURE, "see whether the backup or the restore left out what a machine starts from"),
    "LABEL-MISSING": (
        Severity.FAILURE,
        "keep backup_label; copy a running server only between pg_backup_start and pg_backup_stop",
    ),
    "LEANS-ON-ANOTHER": (
        Severity.FAILURE,
        "have the restore bring everything itself: what answers here is production, and goes with it",
    ),
    "NOT-RECOVERED": (Severity.FAILURE, "read the server's log; restore another backup"),
    "UNREADABLE": (Severity.FAILURE, ANOTHER),
    "EMPTY": (Severity.FAILURE, "find out why nothing was backed up"),
    "CONTENT-DIFFERS": (Severity.FAILURE, ANOTHER),
    "ANSWER-DIFFERS": (Severity.FAILURE, ANOTHER),
    "DAMAGED": (Severity.FAILURE, "restore another backup, and look for damage on the source as well"),
    "NOT-EXAMINED": (Severity.GAP, "read why the examination could not look, and put that right"),
    "STILL-ARCHIVING": (
        Severity.FAILURE,
        "have the restore switch archiving off: a drill would write into production's",
    ),
    "NOT-RESTORED": (Severity.GAP, "verify without --newest, or name its id"),
}
"""What can be found beside the flaws of the catalogue, how much it weighs, and what to do."""

FLAWS: dict[str, str] = {
    "manifest-missing": "take a new backup; remove the directory if nobody needs it",
    "manifest-invalid": ANOTHER,
    "manifest-foreign": "move it to where it belongs, and take a new backup",
    "manifest-altered": ANOTHER,
    "parent-missing": "find another copy of what it builds on, or restore an older backup; take a new full one",
    "parent-flawed": "restore a backup of another chain, and take a new full one",
    "parent-later": "restore a backup of another chain, and take a new full one",
    "time-ahead": "correct the clock of the machine that takes backups; retention counts by it",
    "time-differs": ANOTHER,
    "kind-differs": ANOTHER,
    "term-over-at-once": "correct the term; retention will remove it before its time",
    "file-missing": ANOTHER,
    "size-differs": ANOTHER,
    "checksum-differs": ANOTHER,
    "file-unlisted": "find out what it is and who put it there",
    "sum-differs": ANOTHER,
    "stray": "find out what it is and who put it there",
    "log-missing": "find another copy of the archive; until then only earlier moments can be restored",
    "log-unrecorded": "find out who put it there; archive with the procedure's own command",
    "log-checksum-differs": "find another copy of the archive; until then only earlier moments can be restored",
    "log-hole": "find another copy of the archive; until then only earlier moments can be restored",
}
"""The flaws that the catalogue tells (``drill.inventory``), and what to do; all of them are failures."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    Attributes:
        id: stable; a key of ``REMEDIES``, or of ``FLAWS`` in capitals.
        object: what it is about, ``<set>/<backup>`` as far as that goes, and the moment restored.
        what: what was found.
    """

    id: str
    object: str
    what: str

    @property
    def severity(self) -> Severity:
        """How much it weighs."""
        return REMEDIES[self.id][0] if self.id in REMEDIES else Severity.FAILURE

    @property
    def remedy(self) -> str:
        """What to do."""
        return REMEDIES[self.id][1] if self.id in REMEDIES else FLAWS[self.id.lower()]

    def __str__(self) -> str:
        return f"{self.id}: {self.object}: {self.what}; {self.remedy}"
