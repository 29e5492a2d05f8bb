"""Faults of how a logical backup of a database was taken: without roles, or with other options."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Sequence

from drill.damage.faults.dumps import BY_RESTORING
from drill.damage.faults.fault import Fault, Injection, Scene, restate
from drill.damage.unsealed import seal
from drill.errors import DrillError

ROLES = "roles.sql"


def _roles_without(pattern: str) -> Injection:
    """Leave the lines of the roles out that fit, as a dump of the roles with other options does."""

    def inject(scene: Scene) -> None:
        file = scene.one(ROLES, of=scene.last)
        kept = re.sub(pattern, "", file.read_text("utf-8"), flags=re.MULTILINE)
        if kept == file.read_text("utf-8"):
            raise DrillError(f"{file} has nothing like {pattern}", remedy="fill the estate with roles that have it")
        file.write_text(kept, "utf-8")
        seal(scene.last.directory)

    return inject


def dumped_with(*options: str) -> Injection:
    """Take the dump anew from its source with other options, as a job that somebody has changed does."""

    def inject(scene: Scene) -> None:
        place = scene.last.directory / "dump"
        shutil.rmtree(place)
        environment = {**scene.source.environment(), "LC_ALL": "C"}
        command = ["pg_dump", "--no-password", "--format=directory", f"--file={place}", *options]
        finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if finished.returncode != 0:
            raise DrillError(f"{shlex.join(command)}: {finished.stderr.strip()}", remedy="see what it says")
        _list_all(scene)

    return inject


def _list_all(scene: Scene) -> None:
    """Have the manifest list the files that are there now."""
    directory = scene.last.directory
    names = [str(path.relative_to(directory)) for path in sorted(directory.rglob("*")) if path.is_file()]
    files = [{"path": name, "size": 0, "sha256": "0" * 64} for name in names if name != "manifest.json"]
    restate(scene.last, {"files": files})
    seal(directory)


def _roles() -> Sequence[Fault]:
    found = BY_RESTORING
    return (
        Fault(
            "ROLES-LOST",
            "dump",
            "roles were never dumped",
            _roles_without(r"^(CREATE|ALTER) ROLE camera_.*$|^GRANT camera_.*$"),
            found,
            quick=True,
        ),
        Fault(
            "ROLES-UNLIMITED",
            "dump",
            "the limits of roles were not dumped",
            _roles_without(r" VALID UNTIL '[^']*'"),
            found,
        ),
        Fault(
            "ROLES-SETTINGS-LOST",
            "dump",
            "the settings of roles were not dumped",
            _roles_without(r"^ALTER ROLE \w+ SET .*$"),
            found,
        ),
        Fault(
            "ROLES-MEMBERSHIP-LOST",
            "dump",
            "memberships of roles were not dumped",
            _roles_without(r"^GRANT camera_.*$"),
            found,
        ),
    )


def _taken_otherwise() -> Sequence[Fault]:
    said = (
        (
            "DUMP-ONE-SCHEMA",
            "the job names the schemas that there were years ago",
            ("--schema=counting", "--exclude-table=counting.alerts"),
        ),
        ("DUMP-ONE-TABLE", "the job dumps one table", ("--table=counting.cameras",)),
        ("DUMP-TABLE-LEFT-OUT", "the job leaves out what took too long", ("--exclude-table-data=counting.users",)),
        ("DUMP-SCHEMA-ONLY", "the job dumps definitions alone", ("--schema-only",)),
        ("DUMP-DATA-ONLY", "the job dumps rows alone, as the document's increment does", ("--data-only",)),
        ("DUMP-NO-LARGE-OBJECTS", "large objects were left out", ("--no-large-objects",)),
        ("DUMP-NO-PRIVILEGES", "grants were left out", ("--no-privileges",)),
        ("DUMP-NO-COMMENTS", "comments were left out", ("--no-comments",)),
    )
    return tuple(Fault(name, "dump", what, dumped_with(*options), BY_RESTORING) for name, what, options in said)


FAULTS = (*_roles(), *_taken_otherwise())
