"""Faults of physical backups, of the chains that they make up, and of what a restore makes of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable

from drill.backups.catalogue import StoredBackup
from drill.damage.archives import leave_out
from drill.damage.faults.dumps import NOT_RESTORED, READ, instead
from drill.damage.faults.fault import Fault, Injection, Scene, restate, then
from drill.damage.files import damage
from drill.damage.links import damage_link
from drill.damage.unsealed import damage_unsealed, seal
from drill.errors import DrillError
from drill.recoveries.moments import BACKUP_END

REFUSED = frozenset({"RESTORE-REFUSED"})
BROKEN = frozenset({"PARENT-MISSING", "PARENT-FLAWED", "PARENT-LATER", "BACKUP-LOST", "BACKUP-DIFFERS"}) | REFUSED
NOT_STARTED = frozenset({"NOT-RECOVERED", "UNREADABLE"})
"""Where the restore says that all is well: one that failed has not met the fault."""
NOT_RUNNING = NOT_RESTORED | NOT_STARTED
SPOILT = frozenset({"DAMAGED", "CONTENT-DIFFERS"})
BELOW = SPOILT | NOT_RUNNING
LARGEST_TABLE = (
    "f=$(find \"$RESTORE_TARGET\"/base -type f -printf '%s %f %p\\n'"
    " | awk '$2 ~ /^[0-9]+$/ && $2 >= 16384' | sort -n | tail -n 1 | cut -d ' ' -f 3-)"
)
"""Makes ``$f`` of a restored server the file of its largest table, or index, that is somebody's.

The server's own have lower numbers (FirstNormalObjectId in access/transam.h), and are the larger ones here.
"""


def _first(kind: str) -> Injection:
    return lambda scene: damage(scene.first, kind)


def _nobody() -> StoredBackup:
    raise DrillError("no sibling is taken here", remedy="use another damage")


def _altered(choose: Callable[[Scene], StoredBackup]) -> Injection:
    return lambda scene: damage_link(choose(scene), "altered and described anew", sibling=_nobody)


def _removed(name: str) -> Injection:
    """Remove a file of the first backup, and have the manifest know nothing of it."""

    def inject(scene: Scene) -> None:
        scene.one(f"{name}*", of=scene.first).unlink()
        seal(scene.first.directory)

    return inject


def _label_left_out(scene: Scene) -> None:
    """Leave backup_label out of the first backup, as an exclude does that was made for a running server."""
    leave_out(scene.one("base.tar*", of=scene.first), "backup_label")
    seal(scene.first.directory)


def _without_any_log(scene: Scene) -> None:
    """Have neither the backup hold its log, as with ``-X none``, nor an archive."""
    scene.one("pg_wal.tar*", of=scene.first).unlink()
    seal(scene.first.directory)
    shutil.rmtree(scene.home / "wal")


def _of_another_server(scene: Scene) -> None:
    """Have the backup come from another server, as two servers that share a set do."""
    seal(scene.first.directory, system_identifier="7000000000000000001")


def _link(number: int, act: Callable[[StoredBackup], object]) -> Injection:
    return lambda scene: act(scene.backups[number])


def _lost(backup: StoredBackup) -> None:
    shutil.rmtree(backup.directory)


def _restated(**facts: object) -> Injection:
    return lambda scene: restate(scene.last, facts)


def _on_itself(scene: Scene) -> None:
    restate(scene.backups[1], {"parent": scene.last.id})


def _skipping(scene: Scene) -> None:
    restate(scene.last, {"parent": scene.first.id})


def _in_place_of_the_middle(scene: Scene) -> None:
    """Put the last increment's files in the middle's place, as a script that sorts by name of upload does."""
    middle = scene.backups[1]
    _lost(middle)
    shutil.copytree(scene.last.directory, middle.directory)
    restate(scene.last, {})
    restate(StoredBackup(middle.directory, middle.manifest), {"id": middle.id, "parent": middle.manifest.parent})


def _base() -> tuple[Fault, ...]:
    zeroed_page = f'{LARGEST_TABLE}; dd if=/dev/zero of="$f" bs=8192 seek=3 count=1 conv=notrunc'
    altered_page = f'{LARGEST_TABLE}; printf DISK | dd of="$f" bs=1 seek=30000 conv=notrunc'
    lost_file = f'{LARGEST_TABLE}; rm "$f"'
    no_log = 'rm "$RESTORE_TARGET"/pg_wal/0*; echo "restore_command = false" >> "$RESTORE_TARGET"/postgresql.auto.conf'
    other_order = 'echo "estate.sorted_by = another" >> "$RESTORE_TARGET"/postgresql.auto.conf'
    archiving = 'printf "archive_mode = on\\narchive_command = \'true\'\\n" >> "$RESTORE_TARGET"/postgresql.auto.conf'
    said = (
        ("BASE-CUT", "the copy was cut off half way", _first("cut off half way"), READ),
        ("BASE-BIT", "a bit has flipped on the disk", _first("altered by one bit"), READ),
        ("BASE-FILE-LOST", "a clean-up has removed a file", _first("robbed of a file"), READ),
        (
            "BASE-CUT-AT-ONCE",
            "it was cut off before its checksums were taken",
            lambda s: damage_unsealed(s.first, "cut off half way"),
            BELOW,
        ),
        (
            "BASE-ALTERED",
            "somebody changed a table and wrote both manifests anew, and not the checksum of its page",
            _altered(lambda s: s.first),
            BELOW,
        ),
        ("BASE-LIST-LOST", "PostgreSQL's own manifest was left out", _removed("backup_manifest"), BELOW),
        ("BASE-TABLESPACE-LOST", "a tablespace was left out", _removed("[0-9]*.tar"), BELOW),
        (
            "BASE-OF-ANOTHER-SERVER",
            "two servers back up into one set",
            _of_another_server,
            frozenset({"SOURCE-DIFFERS"}) | REFUSED,
        ),
        ("BASE-LABEL-LOST", "an exclude of the copy leaves backup_label out", _label_left_out, BELOW),
        ("BASE-WITHOUT-LOG", "it was taken without its log, and no archive has it", _without_any_log, BELOW),
        (
            "RESTORED-LABEL-LOST",
            "backup_label was removed so that the server would start",
            then('rm "$RESTORE_TARGET"/backup_label'),
            frozenset({"LABEL-MISSING"}),
        ),
        ("RESTORED-WITHOUT-LOG", "the log was not restored, and none can be fetched", then(no_log), NOT_STARTED),
        (
            "RESTORED-SORTED-OTHERWISE",
            "the collations of the new machine sort otherwise, and the indexes do not fit them",
            then(other_order),
            frozenset({"DAMAGED"}),
        ),
        (
            "RESTORED-PAGE-ZEROED",
            "a page of zeros after a power failure, where no checksum is kept",
            then(zeroed_page),
            SPOILT,
        ),
        ("RESTORED-PAGE-ALTERED", "a failing disk under the restored server", then(altered_page), SPOILT | NOT_STARTED),
        (
            "RESTORED-FILE-LOST",
            "an exclude of the copy leaves a table's file out",
            then(lost_file),
            SPOILT | NOT_STARTED,
        ),
        (
            "RESTORED-ARCHIVING",
            "the restored server archives into production's archive",
            then(archiving),
            frozenset({"STILL-ARCHIVING"}),
        ),
        (
            "RESTORED-NOTHING",
            "the restore says that all is well and has done nothing",
            instead("echo '{}'"),
            NOT_STARTED,
        ),
    )
    return tuple(
        Fault(name, "physical", what, inject, found, aim="first", moment=BACKUP_END)
        for name, what, inject, found in said
    )


def _chain() -> tuple[Fault, ...]:
    said = (
        ("CHAIN-FULL-LOST", "retention removed the full backup that others build on", _link(0, _lost), BROKEN),
        ("CHAIN-MIDDLE-LOST", "an increment in the middle was removed", _link(1, _lost), BROKEN),
        (
            "CHAIN-MIDDLE-CUT",
            "an increment in the middle was cut off",
            _link(1, lambda b: damage(b, "cut off half way")),
            READ | BROKEN,
        ),
        (
            "CHAIN-MIDDLE-ALTERED",
            "an increment in the middle was altered and described anew",
            _altered(lambda s: s.backups[1]),
            BROKEN | BELOW,
        ),
        (
            "CHAIN-FULL-ALTERED",
            "the full backup was altered and described anew",
            _altered(lambda s: s.first),
            BROKEN | BELOW,
        ),
        ("CHAIN-WRONG-ORDER", "an increment lies in the place of another one", _in_place_of_the_middle, BROKEN | BELOW),
        ("CHAIN-SKIPPING", "the chain was given without the one in the middle", _skipping, BROKEN | BELOW),
        ("CHAIN-IN-A-CIRCLE", "two increments build on each other", _on_itself, BROKEN),
        (
            "CHAIN-WITHOUT-PARENT",
            "an increment passes for a full backup",
            _restated(parent=None, kind="full"),
            BROKEN | BELOW | {"KIND-DIFFERS"},
        ),
        (
            "CHAIN-MIDDLE-UNLISTED",
            "the manifest of an increment is gone",
            _link(1, lambda b: damage(b, "robbed of its manifest")),
            BROKEN | {"MANIFEST-MISSING"},
        ),
    )
    return tuple(Fault(name, "chain", what, inject, found, moment=BACKUP_END) for name, what, inject, found in said)


FAULTS = (*_base(), *_chain())
