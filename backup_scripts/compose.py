"""The containers' definition as a compose tool resolves it: every variable filled in, what is merged merged.

It holds passwords that the definition as it is written leaves to the environment file, and is kept like them: in the
backup, encrypted where that is, and restored for its owner alone, beside the definition. What the tool complains of
may quote them, whole or in pieces, and is therefore never passed on; how to hear it is.
"""

from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath

from backup_scripts import contract, programs
from backup_scripts.contract import Failed

FILE = "compose.resolved.yml"
"""What it is called in a backup."""


def restored_as(definition: str) -> str:
    """Return where it is put: beside the definition, docker-compose.yml as docker-compose.resolved.yml."""
    path = PurePosixPath(definition)
    return str(path.with_name(f"{path.stem}.resolved{path.suffix}"))


def resolved(definition: Path) -> str | None:
    """Return what a definition means; None where no compose tool is installed, which is said.

    Raises:
        Failed: ``definition-unresolved``: the tool refuses it, or what it needs is not there.
    """
    tool = _tool()
    if tool is None:
        contract.say(f"no docker-compose is here: {definition} is stored as it is written, and not as it is resolved")
        return None
    command = [*tool, f"--file={definition}", f"--project-directory={definition.parent}", "config"]
    finished = programs.run(command, aloud=False)
    hear = f"what it says may quote passwords, so run it by hand: cd {definition.parent} && {' '.join(tool)} config"
    if finished.status != 0:
        what = f"{' '.join(tool)} ended with status {finished.status} over {definition}"
        raise Failed("definition-unresolved", f"{what}; {hear}; correct that, or back up without --compose")
    if finished.said.strip():
        contract.say(f"{' '.join(tool)} warns of something in {definition}; {hear}")
    return finished.answer


def _tool() -> list[str] | None:
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    plugin = ["docker", "compose"]
    if shutil.which("docker") and programs.run([*plugin, "version"], aloud=False).status == 0:
        return plugin
    return None
