"""The containers' definition as a compose tool resolves it: every variable filled in, what is merged merged.

It holds passwords that the definition as it is written leaves to the environment file, and is kept like them: in the
backup, encrypted where that is, and restored for its owner alone, beside the definition.
"""

from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath

from backup_scripts import contract, programs

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
    finished = programs.run(command)
    if finished.status != 0:
        raise finished.failure("definition-unresolved", f"correct {definition}, or back up without --compose")
    return finished.answer


def _tool() -> list[str] | None:
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    plugin = ["docker", "compose"]
    if shutil.which("docker") and programs.run([*plugin, "version"], aloud=False).status == 0:
        return plugin
    return None
