"""Somebody who sees the command line of every program that a command starts, as the process list shows it to all."""

from __future__ import annotations

import itertools
import os
import shlex
from dataclasses import dataclass
from pathlib import Path

from drill.commands.search_path import search_path
from drill.runtimes import Runtime

_numbers = itertools.count(1)
BETWEEN = "\x1f"
"""Between two words: no program's argument holds it."""
# One write for each program, so that two at once do not mix.
WITNESS = """#!/bin/sh
seen=$(printf '%s\\037' {name} "$@")
printf '%s\\n' "$seen" >>{log}
exec {program} "$@"
"""


@dataclass(frozen=True, slots=True)
class Onlooker:
    """Stands before every client program of a runtime; nothing escapes, as it would between two looks at /proc.

    Attributes:
        programs: stand-ins that write down how they were called and become the program.
        log: what they wrote.
        behind: where the programs are.
    """

    programs: Path
    log: Path
    behind: Path

    @classmethod
    def beside(cls, runtime: Runtime) -> Onlooker:
        """Put a stand-in before each of the runtime's programs."""
        place = runtime.workspace.directory / f"onlooker-{next(_numbers)}"
        place.mkdir(mode=0o711)
        onlooker = cls(place / "programs", place / "log", runtime.programs)
        onlooker.programs.mkdir(mode=0o711)
        onlooker.log.touch(mode=0o600)
        for program in sorted(runtime.programs.iterdir()):
            if program.is_file() and os.access(program, os.X_OK):
                onlooker._stand_before(program)
        return onlooker

    @property
    def search_path(self) -> str:
        """A value for PATH on which the stand-ins are found first."""
        return search_path(self.programs, self.behind)

    def seen(self) -> list[list[str]]:
        """Return the command lines that were seen, word by word."""
        lines = self.log.read_text("utf-8", "replace").split("\n")
        return [line.removesuffix(BETWEEN).split(BETWEEN) for line in lines if line]

    def _stand_before(self, program: Path) -> None:
        words = {"name": program.name, "log": str(self.log), "program": str(program)}
        place = self.programs / program.name
        place.write_text(WITNESS.format(**{name: shlex.quote(word) for name, word in words.items()}), "utf-8")
        place.chmod(0o755)
