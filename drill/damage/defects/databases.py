"""Defects of the scripts that dump a database and restore it."""

from __future__ import annotations

from drill.damage.defects.defect import Defect, Edit, Scenario

DUMP, RESTORE, BEGUN = "postgres_dump.py", "postgres_restore.py", "postgres_begun.py"
RECOVERED = Scenario("database/full_backup", "The server and its disk are lost")
DAMAGED = Scenario("database/full_backup", "The backup is <damage>")
STILL_THERE = Scenario("database/full_backup", "The database is still there")
FAILING = Scenario("database/failing_backup", "A page of it cannot be read")
EVERYTHING = Scenario("database/any_content", "One of everything is lost")
WORKED_WITH = Scenario("database/usable", "Users and strangers try what they always did")
FULLY_DUMPED = '"--format=directory", f"--jobs={jobs}"'


def _dumped_with(option: str) -> Edit:
    return Edit(DUMP, FULLY_DUMPED, f'{FULLY_DUMPED}, "{option}"')


DEFECTS = (
    Defect(
        "DUMP-STATUS-IGNORED",
        "nobody looks at the exit status of pg_dump, and half a dump is published",
        FAILING,
        (
            Edit(
                DUMP,
                'if dumped.status != 0:\n        raise dumped.failure("dump-failed"',
                'if False:\n        raise dumped.failure("dump-failed"',
            ),
            Edit(DUMP, "if listed.status != 0:", "if False:"),
        ),
    ),
    Defect(
        "DUMP-OF-ONE-SCHEMA",
        "the dump is of the application's schema, and everything beside it is missing",
        RECOVERED,
        (_dumped_with("--schema=counting"),),
    ),
    Defect(
        "DUMP-WITHOUT-LARGE-OBJECTS",
        "large objects are left out, as where single tables are dumped",
        EVERYTHING,
        (_dumped_with("--no-large-objects"),),
    ),
    Defect(
        "DUMP-WITHOUT-STATISTICS",
        "neither dumped statistics nor ANALYZE: every query is planned blindly",
        WORKED_WITH,
        (
            Edit(DUMP, "if postgres.major(version) >= FIRST_WITH_STATISTICS:", "if False:"),
            Edit(RESTORE, "if not STATISTICS.search(contents):", "if False:"),
        ),
    ),
    Defect(
        "ROLES-WITHOUT-PASSWORDS",
        "roles come back without their passwords, and nobody can log in",
        RECOVERED,
        (Edit(DUMP, 'command += [] if passwords else ["--no-role-passwords"]', 'command += ["--no-role-passwords"]'),),
    ),
    Defect(
        "ROLES-FORGOTTEN",
        "roles are not restored, and what belongs to them is left to the superuser",
        RECOVERED,
        (
            Edit(RESTORE, "                postgres.execute(roles, database=maintenance)\n", ""),
            Edit(RESTORE, '"--exit-on-error", *options', '"--no-owner", "--no-privileges", *options'),
            Edit(RESTORE, "    if finished.status != 0:", "    if False:"),
        ),
    ),
    Defect(
        "RIGHTS-FORGOTTEN",
        "owners and grants are not restored",
        RECOVERED,
        (Edit(RESTORE, '"--exit-on-error", *options', '"--exit-on-error", "--no-owner", "--no-acl", *options'),),
    ),
    Defect(
        "DATABASE-REPLACED",
        "a restore first drops the database that is still there",
        STILL_THERE,
        (
            Edit(BEGUN, "if not is_ours and not (self._is_being_created", "if False and not (self._is_being_created"),
            Edit(BEGUN, '" WITH (FORCE)" if is_ours else ""', '" WITH (FORCE)"'),
        ),
    ),
    Defect(
        "CHECKSUMS-UNREAD",
        "the checksums of a backup are taken and never compared",
        DAMAGED,
        (Edit("repository.py", "            if sha256 != file.sha256:", "            if not sha256:"),),
    ),
    Defect(
        "SIZES-UNREAD",
        "a file that is too short, or too long, is restored",
        DAMAGED,
        (
            Edit("repository.py", "if size < file.size:", "if False:"),
            Edit("repository.py", "if size > file.size:", "if False:"),
        ),
    ),
    Defect(
        "MANIFEST-BELIEVED",
        "a manifest that somebody has edited is believed",
        DAMAGED,
        (
            Edit(
                "manifest.py",
                'if "manifest_sha256" in fields and fields.pop("manifest_sha256") != digest(fields):',
                "if False:",
            ),
        ),
    ),
)
