"""Defects of the scripts that copy backups to another site, fetch them from there and verify them."""

from __future__ import annotations

from drill.damage.defects.defect import Defect, Edit, Scenario

UPLOAD = "offsite_upload.py"
OFF_SITE = "policy/off_site"

DEFECTS = (
    Defect(
        "COPY-UNREAD",
        "copies are called verified because they are there",
        Scenario(OFF_SITE, "The copy is altered at the other site, and verified there"),
        (Edit("offsite_verify.py", "    if found != file.sha256:\n", "    if not found:\n"),),
    ),
    Defect(
        "DAMAGE-COPIED",
        "what has rotted here is copied without a look at its checksum",
        Scenario(OFF_SITE, "The backup is damaged before it is copied"),
        (Edit(UPLOAD, "    if found != described.sha256:\n", "    if not found:\n"),),
    ),
    Defect(
        "MANIFEST-COPIED-FIRST",
        "a copy has its manifest before its files, and passes for whole when it is killed",
        Scenario(OFF_SITE, "A copy is killed half way"),
        (
            Edit(
                "offsite_copy.py",
                "    for file in backup.manifest.files:\n        uploader.upload(backup.directory",
                "    uploader.put(text, key, StoredFile(manifest.NAME, len(text), hashlib.sha256(text).hexdigest()))\n"
                "    for file in backup.manifest.files:\n        uploader.upload(backup.directory",
            ),
        ),
    ),
    Defect(
        "UNFINISHED-NOT-COPIED",
        "of the streamed log only whole segments are copied",
        Scenario(OFF_SITE, "The server is lost under load, and all that is kept here, its log <kept>"),
        (
            Edit(
                "offsite_stream.py",
                "        for name in filter(_UNFINISHED.fullmatch, names):\n",
                "        for name in ():\n",
            ),
        ),
    ),
    Defect(
        "HIDDEN-FOR-GOOD",
        "whatever time is named, the copies are read as they are now, after somebody hid them",
        Scenario("policy/immutability", "An administrator overwrites everything there, and removes it by its name"),
        (Edit("offsite_fetch.py", "Site.to_read()", "Site.from_environment()"),),
    ),
    Defect(
        "COPY-UNLOCKED",
        "copies are not locked, and whoever holds the account can remove them",
        Scenario("policy/immutability", "Every copy is set aside for its whole term"),
        (
            Edit(
                UPLOAD,
                "return cls(mode, until.replace(microsecond=0) + timedelta(seconds=1)) if until > now else None",
                "return None",
            ),
        ),
    ),
    Defect(
        "COPY-LOCKED-TOO-SHORT",
        "copies are locked for a day, however long they are promised",
        Scenario("policy/immutability", "Every copy is set aside for its whole term"),
        (
            Edit(
                UPLOAD,
                'term(os.environ.get("OFFSITE_LOCK_DAYS", "30"), where="OFFSITE_LOCK_DAYS")',
                "timedelta(days=1)",
            ),
        ),
    ),
    Defect(
        "LOG-NOT-FETCHED",
        "the base backup comes back from the other site, and the log that was copied stays there",
        Scenario(OFF_SITE, "The server is lost under load, and all that is kept here, its log <kept>"),
        (Edit("offsite_fetch.py", "        size += offsite_log_fetch.fetch(home, site, line[-1])\n", ""),),
    ),
)
