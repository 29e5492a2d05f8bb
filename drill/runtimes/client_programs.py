"""Client programs taken out of an image, to be run on this host as themselves.

A script calls ``pg_dump`` or ``redis-cli`` by name and must get the version that matches the server. Each program is
copied out of the server's own image together with the libraries and the loader that it was linked for, and a small
launcher of the same name starts it through that loader. Unlike ``docker exec`` the program is then an ordinary child
of the script: its exit status, signals, standard input, working directory, user and death are the script's own
(docs/decisions/0002-client-programs.md).
"""

from __future__ import annotations

import io
import shlex
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import docker

from drill.errors import DrillError
from drill.runtimes.protocol import Engine

NAMES = {
    Engine.POSTGRES: [
        "psql",
        "pg_dump",
        "pg_dumpall",
        "pg_restore",
        "pg_basebackup",
        "pg_combinebackup",
        "pg_verifybackup",
        "pg_amcheck",
        "pg_checksums",
        "pg_controldata",
        "pg_receivewal",
        "pg_waldump",
        "pg_isready",
        "pgbench",
    ],
    Engine.REDIS: ["redis-cli", "redis-server", "redis-check-rdb", "redis-check-aof"],
}

# Prints "program <name> <file>" for each program that the image has, then what each needs as ldd tells it.
# Debian's PostgreSQL images have Perl wrappers first on PATH; the programs themselves are below /usr/lib.
LISTING = """
for bin in /usr/lib/postgresql/*/bin; do PATH=$bin:$PATH; done
for name in "$@"; do
    file=$(command -v "$name") || file=$(command -v "valkey-${name#redis-}") || continue
    file=$(readlink -f "$file")
    echo "program $name $file"
    ldd "$file"
done
"""


@dataclass(frozen=True, slots=True)
class Needs:
    """Where in the image the programs, their libraries and their loader are."""

    programs: dict[str, str]
    libraries: dict[str, str]
    loader: str


def extract(
    container: docker.models.containers.Container, names: Sequence[str], *, store: Path, launchers: Path
) -> None:
    """Copy the named programs, or those that are there, out of a running container; launch them from ``launchers``.

    Raises:
        DrillError: the image has none of them, or none that can be listed.
    """
    status, listing = container.exec_run(["sh", "-c", LISTING, "sh", *names])
    needs = parse_needs(listing.decode("utf-8", "replace"))
    if needs is None:
        raise DrillError(
            f"none of {', '.join(names)} found in the image (status {status}): {listing[-300:]!r}",
            remedy="use an image that keeps to the official image's contract",
        )
    store.mkdir(mode=0o755)
    wanted = {path: f"bin/{name}" for name, path in needs.programs.items()}
    wanted |= {path: f"lib/{name}" for name, path in needs.libraries.items()}
    _, archive = container.exec_run(["tar", "-chf", "-", *sorted(wanted)], stderr=False)
    _unpack(archive, wanted, store)
    for name, path in needs.programs.items():
        _write_launcher(
            launchers / name,
            [
                str(store / "lib" / Path(needs.loader).name),
                "--library-path",
                str(store / "lib"),
                "--argv0",
                "$0",
                str(store / wanted[path]),
            ],
        )


def parse_needs(listing: str) -> Needs | None:
    """Read what the listing printed; None where it names no program or no loader."""
    programs: dict[str, str] = {}
    libraries: dict[str, str] = {}
    loader = ""
    for line in listing.splitlines():
        words = line.split()
        if words[:1] == ["program"] and len(words) == 3:
            programs[words[1]] = words[2]
        elif "=>" in words and words[-1].startswith("(") and words[2].startswith("/"):
            libraries[words[0].rpartition("/")[2]] = words[2]
            loader = words[2] if words[0].startswith("/") else loader
        elif words and words[0].startswith("/") and words[-1].startswith("("):
            libraries[words[0].rpartition("/")[2]] = loader = words[0]
    return Needs(programs, libraries, loader) if programs and loader else None


def _unpack(content: bytes, wanted: dict[str, str], store: Path) -> None:
    for part in ("bin", "lib"):
        (store / part).mkdir()
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for member in archive:
            file = archive.extractfile(member)
            if file is not None and f"/{member.name}" in wanted:
                target = store / wanted[f"/{member.name}"]
                target.write_bytes(file.read())
                target.chmod(0o755)


def _write_launcher(path: Path, command: list[str]) -> None:
    words = " ".join('"$0"' if word == "$0" else shlex.quote(word) for word in command)
    path.write_text(f'#!/bin/sh\nexec {words} "$@"\n', "utf-8")
    path.chmod(0o755)
