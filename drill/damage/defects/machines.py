"""Defects of the scripts that back up whole machines and build them again; each takes minutes of emulation."""

from __future__ import annotations

from drill.damage.defects.defect import Defect, Edit, Scenario

IMAGE, RESTORE = "system_image.py", "system_restore.py"
REBUILT = "system/full_recovery"

DEFECTS = (
    Defect(
        "MACHINE-LINKS-COPIED",
        "two names of one file become two files on the rebuilt disk",
        Scenario(REBUILT, "The machine is killed and its disk is gone"),
        (
            Edit(
                IMAGE, '    "tar", "--create", "--file=-",', '    "tar", "--create", "--hard-dereference", "--file=-",'
            ),
        ),
    ),
    Defect(
        "MACHINE-UNVERIFIED",
        "a disk is built without a look at the checksums of what it is built from",
        Scenario(REBUILT, "The backup is <damage>"),
        (Edit(RESTORE, "        backup.verify()\n", ""),),
    ),
)
