"""The daily rotation of a host's logs, by logrotate and by the rules that the host itself has."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from itertools import count
from pathlib import Path

from drill.commands.search_path import system_path
from drill.datasets.host.system import LOG, ROTATION
from drill.errors import DrillError

PROGRAM = "logrotate"
BY_NAME = "by name alone: logrotate is not installed here"


def rotate(root: Path) -> str:
    """Rotate the logs of a host as if a day had passed; return what has done it.

    Without logrotate the log is given its next name, which is what logrotate does first.

    Raises:
        DrillError: logrotate refuses the host's rules.
    """
    program = shutil.which(PROGRAM, path=system_path())
    if program is None:
        free = next(number for number in count(1) if not (root / f"{LOG}.{number}").exists())
        (root / LOG).rename(root / f"{LOG}.{free}")
        return BY_NAME
    with tempfile.TemporaryDirectory(prefix="rotation-") as name:
        rules, state = Path(name) / "rules", Path(name) / "state"
        # What is "/" to the host lies somewhere else on this machine.
        rules.write_text((root / ROTATION).read_text("utf-8").replace("/var/log/", f"{root}/var/log/"), "utf-8")
        rules.chmod(0o600)
        command = [program, "--force", "--verbose", f"--state={state}", str(rules)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = done.stderr.strip()[-400:]
        raise DrillError(f"{PROGRAM} ended with {done.returncode}: {said}", remedy=f"correct {ROTATION} of the host")
    return done.stderr
