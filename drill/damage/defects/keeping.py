"""Defects of how backups are kept: what is published, who can read it, and what is removed."""

from __future__ import annotations

from drill.damage.defects.defect import Defect, Edit, Scenario, Unnoticed

REPOSITORY, PRUNE, RETENTION = "repository.py", "retention_prune.py", "retention.py"
KEPT = Scenario("cache/retention", "The oldest promised backup is restored")
ENCRYPTED = "application/configuration"

DEFECTS = (
    Defect(
        "FINAL-NAME-AT-ONCE",
        "a backup has its final name before it is whole, and keeps it when it is killed",
        Scenario("cache/data_loss", "The newest backup was killed half way"),
        (
            Edit(REPOSITORY, "partial = self.directory / (PARTIAL + name)", "partial = self.directory / name"),
            Edit(REPOSITORY, "            self.partial.rename(home / self.id)\n", ""),
            Edit(REPOSITORY, "                    remove_all([partial])\n", "                    pass\n"),
        ),
    ),
    Defect(
        "READABLE-BY-ALL",
        "whoever gets to the repository can read it",
        Scenario("policy/sabotage", "A fault leaves no trace"),
        (Edit("contract.py", "os.umask(0o077)", "os.umask(0o022)"),),
    ),
    Defect(
        "NOT-ENCRYPTED",
        "a recipient is named, and backups are stored as they are",
        Scenario(ENCRYPTED, "The stored backups are searched"),
        (Edit(REPOSITORY, "recipient = encryption.recipient()", "recipient = None"),),
    ),
    Defect(
        "KEY-EXPOSED",
        "a secret key that everybody can read is used",
        Scenario(ENCRYPTED, "The key has been <damage>"),
        (Edit("encryption.py", "if mode & 0o077:", "if False:"),),
    ),
    Defect(
        "PRUNED-BY-FILE-TIME",
        "what counts is the time of the directory, and not of the backup",
        Scenario("cache/retention", "A year of daily backups is pruned every week"),
        (
            Edit(
                PRUNE,
                "        backups, ignored = inventory(home)\n",
                "        backups, ignored = inventory(home)\n"
                "        import datetime as dates\n"
                "        for each in backups:\n"
                "            time = dates.datetime.fromtimestamp((home.directory / each).stat().st_mtime, dates.UTC)\n"
                "            backups[each] = backups[each]._replace(finished=time, retain_until=None)\n",
            ),
        ),
    ),
    Defect(
        "PRUNED-BY-COUNT",
        "the newest seven are kept, whatever was promised",
        KEPT,
        (
            Edit(
                PRUNE,
                "        expired = sorted(whole.keys() - reasons.keys())\n",
                '        reasons = dict.fromkeys(sorted(whole)[-7:], "one of the newest")\n'
                "        expired = sorted(whole.keys() - reasons.keys())\n",
            ),
        ),
    ),
    Defect(
        "PRUNED-AFTER-THE-LAST",
        "the job has stopped, and its last backups are removed one by one",
        Scenario("cache/retention", "The backups have stopped a year ago"),
        (Edit(RETENTION, "    if len(old) == len(oldest_first):\n", "    if False:\n"),),
    ),
    Defect(
        "PARENTS-PRUNED",
        "the beginning of a chain is removed, and what builds on it is kept",
        Scenario("application/configuration", "The full backup's term is over, and not that of its increments"),
        (
            Edit(
                RETENTION,
                '                reasons.setdefault(ancestor, f"{backup_id} builds on it")\n',
                "                pass\n",
            ),
        ),
    ),
    Defect(
        "ROT-COUNTED",
        "what a verification has found rotten counts as a point, and what still held is removed for it",
        Scenario("cache/retention", "Every second backup rots, and that is found"),
        (
            Edit(
                PRUNE,
                "        if wrong := next((each for each in (backup_id, *line) if each in record.wrong), None):\n",
                "        if wrong := next((each for each in line[:0]), None):\n",
            ),
        ),
    ),
    Defect(
        "PROVEN-PRUNED",
        "the last backup that was ever verified is removed, and those that are kept were never read",
        Scenario("cache/retention", "Nothing is verified any more"),
        (Edit(RETENTION, "        if backup_id in proven and all(", "        if backup_id not in backups and all("),),
    ),
    Defect(
        "CLOCK-BELIEVED",
        "the clock runs behind, and pruning goes by it",
        Scenario("cache/retention", "The clock runs backwards"),
        (Edit(PRUNE, "        _refuse_clock_backwards(backups, now)\n", ""),),
    ),
    Defect(
        "NOT-FLUSHED",
        "fsync is left out, and a power failure takes what was called done",
        Scenario("policy/durability", "<store> is backed up"),
        (Edit("files.py", "        os.fsync(descriptor)\n", "        pass\n"),),
    ),
    Defect(
        "NAME-NOT-FLUSHED",
        "a backup is flushed and its name is not, so that a power failure leaves it without one",
        Scenario("policy/durability", "<store> is backed up"),
        (
            Edit(
                REPOSITORY,
                "            self.partial.rename(home / self.id)\n            files.flush(home)\n",
                "            self.partial.rename(home / self.id)\n",
            ),
        ),
    ),
    Defect(
        "STORED-BACKUPS-UNREAD",
        "the daily verification lists what is stored, and reads none of it",
        Scenario("policy/verification", "The oldest backup of a month is <damage>"),
        (Edit("backup_verify.py", "        backup.verify()\n    return sum(", "    return sum("),),
    ),
)
UNNOTICED = (
    Unnoticed(
        "SEGMENT-NOT-FLUSHED",
        "a segment of the log is called archived before it is flushed, and a power failure takes it",
        "a shell archives it, in which nothing writes down what is flushed, and no power fails here",
    ),
)
