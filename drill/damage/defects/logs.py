"""Defects of the scripts that copy a database server, keep its log and recover it."""

from __future__ import annotations

from drill.damage.defects.defect import Defect, Edit, Scenario

KEEPER, RECOVER = "postgres_wal", "postgres_recover.py"
ARCHIVE = "database/write_ahead_log"
DAMAGED = Scenario(ARCHIVE, "<victim> is <damage>")
OVERWRITTEN = Scenario(ARCHIVE, "Another server archives a segment of the same name")
WRITTEN_TO = Scenario(ARCHIVE, "The recovered server is written to")
MOMENT = "database/point_in_time"
SPANNED = Scenario(MOMENT, "A transaction spans the moment")

DEFECTS = (
    Defect(
        "RECOVERY-WITHOUT-LAST-SEGMENT",
        "where a segment is missing, the recovery ends as if the log did",
        DAMAGED,
        (
            Edit("postgres_target.py", 'if self.kind == "end" and line.broken:', "if False:"),
            Edit(KEEPER, 'fail 200 wal-missing "$1 was archived', 'fail 1 wal-missing "$1 was archived'),
            Edit(KEEPER, 'fail 200 wal-missing "$1 was received', 'fail 1 wal-missing "$1 was received'),
            Edit(KEEPER, "fail 200 wal-damaged", "fail 1 wal-damaged"),
        ),
    ),
    Defect(
        "RECOVERY-TO-THE-END",
        "the target never gets into the server's configuration, and the mistake is replayed",
        SPANNED,
        (Edit(RECOVER, "**target.settings(), ", ""),),
    ),
    Defect(
        "RECOVERY-IN-ANOTHER-ZONE",
        "the time zone of a target is passed over",
        Scenario(MOMENT, "The moment is given as a <kind>"),
        (Edit("contract.py", "return parsed.astimezone(UTC)", "return parsed.replace(tzinfo=UTC)"),),
    ),
    Defect(
        "RECOVERY-BEFORE-THE-BACKUP",
        "a target from before the backup is passed over, and a later state passes for it",
        Scenario(MOMENT, "The moment <place>"),
        (
            Edit(
                "postgres_target.py",
                "        if self._is_before(link):\n            raise self._before(link)\n        if self.kind",
                "        if self.kind",
            ),
        ),
    ),
    Defect(
        "BACKUP-START-BELIEVED",
        "a backup is taken for whole as soon as it has begun, and a moment within it for one that it can give",
        Scenario(MOMENT, "The moment lies between the start and the end of the backup, given as a <kind>"),
        (
            Edit(
                "postgres_target.py",
                "self.moment < contract.moment(str(link.source",
                "not self.moment and contract.moment(str(link.source",
            ),
            Edit("postgres_target.py", "self.position < link.stop", "self.position < link.start"),
        ),
    ),
    Defect(
        "RECOVERED-SERVER-ARCHIVES",
        "the recovered server goes on archiving, into production's archive",
        WRITTEN_TO,
        (Edit(RECOVER, '    "archive_mode": "off",\n    "archive_command": "",\n', ""),),
    ),
    Defect(
        "SEGMENT-OVERWRITTEN",
        "archiving overwrites what another server has archived under that name",
        OVERWRITTEN,
        (
            Edit(KEEPER, '    if [ ! -e "$stored" ]; then\n', "    if :; then\n"),
            Edit(KEEPER, 'ln "$partial" "$stored"', 'mv -f "$partial" "$stored"'),
        ),
    ),
    Defect(
        "SEGMENT-UNRECORDED",
        "no checksum of what is archived is kept",
        DAMAGED,
        (Edit(KEEPER, '    record "$index" "$(sha256 "$stored")  ${stored##*/}"\n', ""),),
    ),
    Defect(
        "CHAIN-UNPINNED",
        "an increment is restored on a parent that is not the one it was made on",
        Scenario("database/incremental_chain", "A link in the middle is <damage>"),
        (Edit("postgres_chain.py", "if newer.source.get(name) != sha256:", "if False:"),),
    ),
    Defect(
        "TABLESPACES-FORGOTTEN",
        "what lies outside of the data directory is copied, and restored as an empty directory",
        Scenario("database/physical_backup", "The server and its disks are lost"),
        (
            Edit(
                "postgres_assembly.py",
                "        packed = []\n",
                "        packed: list[Packed] = []\n        elsewhere = set(made.tablespaces)\n",
            ),
            Edit(
                "postgres_assembly.py",
                "            if part not in places:\n",
                "            if part in elsewhere:\n                continue\n            if part not in places:\n",
            ),
            Edit("postgres_recover.py", "        assembly.verify()\n", ""),
        ),
    ),
)
