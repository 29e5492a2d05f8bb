"""Drills with secrets all around, watched; and the search for these secrets in whatever came of it."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from drill.evidence import keys
from drill.evidence.envelope import opened
from drill.evidence.statement import NAME
from tests.disasters import spoiling
from tests.evidence.rehearsal import REPOSITORY
from tests.reporting.conftest import needed

CANARY = "canary-5f0c2e"
PLANTED = {
    name: f"{CANARY}-{name.lower()}"
    for name in (
        "PGPASSWORD",
        "REDISCLI_AUTH",
        "AWS_SECRET_ACCESS_KEY",
        "DR_DRILL_API_KEY",
        "OFFSITE_SECRET_ACCESS_KEY",
    )
} | {"DR_DRILL_TEAM_CHANNEL": f"json://drill:{CANARY}-channel@127.0.0.1:9/"}
SOUND = (
    "features/disaster_recovery/plan.feature::test_nobody_answers_where_the_team_is_told",
    "features/disaster_recovery/site_loss.feature::test_one_copy_was_altered_at_the_other_site",
)
SPOILED = (
    "features/database/full_backup.feature::test_the_server_and_its_disk_are_lost",
    "features/cache/snapshot.feature::test_the_server_and_its_disk_are_lost_with_protection"
    "[snapshots saved by its server]",
    "features/application/user_data.feature::test_the_host_is_lost_with_its_files[user data]",
    "features/application/user_data.feature::test_the_host_is_lost_with_its_files[configuration]",
)
TOLD = {
    "gate": ["gate"],
    "gate of everything": ["gate", "--everything", "--json", "--junit=FILE.xml", "--markdown=FILE.md"],
    "log": ["log"],
    "history": ["history"],
    "runbook": ["runbook"],
    "runbook on paper": ["runbook", "--output=FILE.pdf"],
    "project": ["project"],
    "evidence": ["evidence", "verify"],
    "report": ["report", f"--month={datetime.now(UTC):%Y-%m}"],
    "report in Vietnamese": ["report", f"--month={datetime.now(UTC):%Y-%m}", "--lang=vi"],
}
"""What is asked of the evidence afterwards; each says all that it can."""
TOLD_OF_FAILURES = {name: TOLD[name] for name in ("gate of everything", "log", "report", "runbook")}
"""What says something else where a comparison has failed."""
HANDED = re.compile("PASSWORD|SECRET|AUTH$")
"""What a variable is called that hands a secret to a command."""
SHORTEST = 8
COLONS = 4
"""In a line of a password file of PostgreSQL."""


@dataclass(frozen=True)
class Seen:
    """A program as everybody on the machine could see it, and what the files of secrets held that it was told of."""

    argv: str
    environment: dict[str, str] = field(repr=False)
    files: tuple[str, ...] = field(repr=False)

    @property
    def surroundings(self) -> bytes:
        return os.fsencode("\n".join(f"{name}={value}" for name, value in self.environment.items()))


@dataclass(frozen=True)
class Drilled:
    """How a drill ended, what it wrote, and what could be seen of it."""

    status: int
    place: Path
    project: Path
    seen: list[Seen] = field(repr=False)

    @property
    def said(self) -> str:
        return (self.place / "output").read_text("utf-8")


def project(place: Path, *, recipient: str, identity: Path) -> Path:
    """Make a policy that encrypts, with scripts and the document beside it."""
    place.mkdir()
    shutil.copytree(REPOSITORY / "backup_scripts", place / "backup_scripts")
    shutil.copytree(REPOSITORY / "docs" / "source", place / "docs" / "source")
    text = (REPOSITORY / "policy.toml").read_text("utf-8")
    encryption = f'\n[encryption]\nrecipient = "{recipient}"\nidentity_file = "{identity}"\n'
    (place / "policy.toml").write_text(text + encryption, "utf-8")
    return place


def spoil(project: Path) -> None:
    """Have all of a policy's restores alter what they have restored."""
    shutil.copy(spoiling.__file__, project)
    policy = project / "policy.toml"
    text = policy.read_text("utf-8")
    policy.write_text(text.replace('restore = "python -m ', 'restore = "python spoiling.py '), "utf-8")


def drilled(
    place: Path, project: Path, scenarios: tuple[str, ...], *, told: Mapping[str, list[str]], signing: Path
) -> Drilled:
    """Drill with secrets in the environment, and ask the evidence everything that can be asked."""
    place.mkdir()
    log = project / "seen"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")} | PLANTED
    environment |= {keys.VARIABLE: str(signing)}
    command = [sys.executable, "-m", "tests.disasters.tracing", str(log), sys.executable, "-m", "pytest", *scenarios]
    command += ["--runtime=embedded", "-pno:cacheprovider", f"--junitxml={place / 'junit.xml'}"]
    command += [
        f"--policy={project / 'policy.toml'}",
        f"--reports={place / 'reports'}",
        f"--alluredir={place / 'allure'}",
    ]
    with (place / "output").open("wb") as output:
        ran = subprocess.run(
            command, cwd=REPOSITORY, env=environment, stdout=output, stderr=subprocess.STDOUT, check=False
        )
    for name, words in told.items():
        words = [word.replace("FILE", str(place / name)) for word in words]
        program = [Path(sys.executable).with_name("dr-drill"), *words, f"--reports={place / 'reports'}"]
        with (place / f"{name}.txt").open("wb") as said:
            subprocess.run(program, cwd=project, env=environment, stdout=said, stderr=subprocess.STDOUT, check=False)
    seen = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    return Drilled(ran.returncode, place, project, [Seen(**{**each, "files": tuple(each["files"])}) for each in seen])


def handed(seen: list[Seen]) -> dict[str, bytes]:
    """Return what the drill hands to its commands and nobody else may learn: passwords of its own servers and site."""
    commands = [each for each in seen if "backup_scripts." in each.argv]
    given = {(name, value) for each in commands for name, value in each.environment.items() if HANDED.search(name)}
    lines = {line for each in commands for file in each.files for line in file.splitlines()}
    given |= {("PGPASSFILE", line.rpartition(":")[2]) for line in lines if line.count(":") == COLONS}
    return {f"{name} {value[-4:]}": value.encode() for name, value in sorted(given) if len(value) > SHORTEST}


def written(place: Path) -> dict[str, bytes]:
    """Return everything that was written, by its file; what is packed into a statement or set in type, too."""
    files = [path for path in place.rglob("*") if path.is_file()]
    return {str(path.relative_to(place)): path.read_bytes() + _inside(path) for path in files}


def _inside(path: Path) -> bytes:
    if path.name == NAME:
        return bytes(opened(path.read_bytes()).payload)
    if path.suffix == ".pdf":
        needed("pypdf", "pip install 'dr-drill[readers]'")
        from pypdf import PdfReader

        # A secret may be broken where the line ends.
        text = "".join(page.extract_text() for page in PdfReader(path).pages)
        return (text + re.sub(r"\s", "", text)).encode()
    return b""


def found(secrets: dict[str, bytes], held: dict[str, bytes]) -> list[str]:
    """Tell where which secret lies, as it is or as people and programs write bytes down."""
    return [
        f"{what} in {name}"
        for what, secret in secrets.items()
        for name, content in held.items()
        if any(form in content for form in forms(secret))
    ]


def forms(secret: bytes) -> set[bytes]:
    """Return the secret, and how it reads in hexadecimal, in an address, in JSON, and anywhere in base64."""
    text = secret.decode("utf-8", "surrogateescape")
    written = {secret, secret.hex().encode(), secret.hex().upper().encode(), quote(secret, safe="").encode()}
    written |= {json.dumps(text)[1:-1].encode()}
    for before in range(3):
        # What depends on its neighbours is left out at both ends.
        coded = base64.b64encode(bytes(before) + secret)
        written.add(coded[(8 * before + 5) // 6 : (before + len(secret)) * 8 // 6])
    return written
