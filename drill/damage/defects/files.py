"""Defects of the scripts that back up files and source code."""

from __future__ import annotations

from drill.damage.defects.defect import Defect, Edit, Scenario

TAR, RESTORE, MIRROR = "tar.py", "files_restore.py", "source_mirror.py"
USER_DATA = "application/user_data"
RECOVERED = Scenario(USER_DATA, "The host and its disk are lost")
SOURCE = "application/source_code"
REPOSITORY_LOST = Scenario(SOURCE, "The repository is lost")
CREATE, EXTRACT = '    "--create",\n', '    "--extract",\n'


def _packed_with(option: str) -> Edit:
    return Edit(TAR, CREATE, f'{CREATE}    "{option}",\n')


def _unpacked_with(option: str) -> Edit:
    return Edit(TAR, EXTRACT, f'{EXTRACT}    "{option}",\n')


DEFECTS = (
    Defect(
        "HARD-LINKS-COPIED",
        "two names of one file become two files",
        RECOVERED,
        (_packed_with("--hard-dereference"),),
    ),
    Defect(
        "LINKS-FOLLOWED",
        "links are stored as what they lead to",
        RECOVERED,
        (_packed_with("--dereference"),),
    ),
    Defect(
        "FILES-EXCLUDED",
        "a pattern leaves out more than it was meant to",
        RECOVERED,
        (_packed_with("--exclude=*.jpg"),),
    ),
    Defect(
        "RIGHTS-LOST",
        "the umask decides who may read what comes back",
        RECOVERED,
        (Edit(TAR, '    "--preserve-permissions",\n', '    "--no-same-permissions",\n'),),
    ),
    Defect("TIMES-LOST", "everything that comes back is of today", RECOVERED, (_unpacked_with("--touch"),)),
    Defect("HOLES-FILLED", "holes are stored as so many zeros", RECOVERED, (Edit(TAR, '    "--sparse",\n', ""),)),
    Defect(
        "RESTLESS-TAKEN",
        "a file that was written to while it was read is taken as it was read",
        Scenario(USER_DATA, "A file is written to each time that it is read"),
        (Edit("files_archive.py", "[] if growing else _still_files(written.changed, source)", "list[bytes]()"),),
    ),
    Defect(
        "ARCHIVE-OBEYED",
        "an archive that leads out of its target is followed",
        Scenario(USER_DATA, "The archive <trick>"),
        (
            _unpacked_with("--absolute-names"),
            Edit(
                TAR,
                "if unsafe := found_unsafe(finished):",
                "if unsafe := None:",
            ),
        ),
    ),
    Defect(
        "ARCHIVE-UNVERIFIED",
        "an archive is unpacked without a look at its checksum",
        Scenario(USER_DATA, "The backup is <damage>"),
        (
            Edit(
                "unpacking.py", "if (found := reader.rest()) != packed.file.sha256:", "if not (found := reader.rest()):"
            ),
        ),
    ),
    Defect(
        "FILES-CHAIN-UNPINNED",
        "an increment is restored on a parent that is not the one it was made on",
        Scenario("application/configuration", "A link in the middle is <damage>"),
        (Edit("files_chain.py", 'if newer.manifest.source.get("parent_files") != pin(older):', "if False:"),),
    ),
    Defect(
        "FILES-REPLACED",
        "a restore puts what it has in the place of what is still there",
        Scenario(USER_DATA, "The files are still there"),
        (
            Edit(RESTORE, "            staging.refuse_taken(target / path)\n", "            pass\n"),
            Edit(
                "staging.py",
                "                made.rename(place)\n",
                '                place.rename(twin.with_name("replaced"))\n                made.rename(place)\n',
            ),
        ),
    ),
    Defect(
        "LOG-IN-USE-LEFT-OUT",
        "the log that is written to is left out, and what was rotated passes for all of it",
        Scenario("system/logs", "The host and its disk are lost"),
        (
            Edit(
                "files_archive.py",
                "    ending, compress = tar.compression()\n",
                "    if growing:\n"
                '        tar.CREATE = (*tar.CREATE, "--exclude=*.log")\n'
                "    ending, compress = tar.compression()\n",
            ),
        ),
    ),
    Defect(
        "BRANCHES-ALONE",
        "a clone has the branches, and no notes",
        REPOSITORY_LOST,
        (Edit(MIRROR, '"clone", "--mirror"', '"clone", "--bare"'),),
    ),
    Defect(
        "LARGE-FILES-FORGOTTEN",
        "large files are left where they are, and pointers to them stored",
        REPOSITORY_LOST,
        (
            Edit(MIRROR, "            _copy_large_files(large, Path(source), mirror)\n", ""),
            Edit("source_restore.py", "    if missing or files.checksums(places) != large:", "    if False:"),
        ),
    ),
    Defect(
        "MIRROR-UNCHECKED",
        "a mirror is restored without a look at its objects and refs",
        Scenario(SOURCE, "The mirror was <damage> before its checksums were taken"),
        (Edit("source_restore.py", "                _refuse_damage(plain, place.new)\n", ""),),
    ),
)
