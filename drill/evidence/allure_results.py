"""The folder of Allure results: emptied before a run, described after it.

Formats: https://allurereport.org/docs/how-it-works/ (environment, executor and categories files).
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from drill.evidence.redaction import redacted

NAME = "DR Drill"
ENVIRONMENT = "environment.properties"
EXECUTOR = "executor.json"
CATEGORIES = "categories.json"
WRITTEN = ("*-result.json", "*-container.json", "*-globals.json", "*-attachment.*", "*.tmp")
# The messages that pytest records begin with the exception's qualified name, so that an error of the drill's own
# begins with its package. [\s\S] in place of a flag, because Allure 2 reads these in Java and Allure 3 in JavaScript.
VERDICTS = [
    {"name": "Disproven: the promise does not hold", "matchedStatuses": ["failed"]},
    {"name": "Unproven: left out", "matchedStatuses": ["skipped"]},
    {
        "name": "Unproven: the drill could not be carried out",
        "matchedStatuses": ["broken"],
        "messageRegex": r"^(drill\.|interrupted)[\s\S]*",
    },
    {
        "name": "Unproven: the tool itself is broken",
        "matchedStatuses": ["broken"],
        "messageRegex": r"^(?!drill\.|interrupted)[\s\S]*",
    },
]
# Kind of pipeline, the variable that names its build, and the build's address made of its variables.
PIPELINES = (
    ("gitlab", "CI_PIPELINE_ID", "{CI_PIPELINE_URL}"),
    ("jenkins", "BUILD_TAG", "{BUILD_URL}"),
    ("github", "GITHUB_RUN_ID", "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}"),
)


def empty(folder: Path) -> None:
    """Remove what an earlier run wrote there, and nothing else."""
    for pattern in (*WRITTEN, ENVIRONMENT, EXECUTOR, CATEGORIES):
        for file in folder.glob(pattern):
            file.unlink(missing_ok=True)  # another run may be emptying it, too


def write_metadata(folder: Path, environment: Mapping[str, str]) -> None:
    """Say beside the results what they were made on, by whom, and how their defects are to be called.

    Args:
        folder: Where the results are; created if need be.
        environment: What the run depended on, as it shall be read: ``{"Runtime": "docker", "PostgreSQL": "18.6"}``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{_escaped(key, name=True)}={_escaped(value)}\n" for key, value in environment.items()]
    (folder / ENVIRONMENT).write_text("".join(lines), encoding="ascii")
    _write_json(folder / EXECUTOR, executor(os.environ))
    _write_json(folder / CATEGORIES, VERDICTS)


def executor(variables: Mapping[str, str]) -> dict[str, str]:
    """Return who ran the drill: the pipeline that these environment variables tell of, else a person."""
    for kind, build, address in PIPELINES:
        if build in variables:
            known = defaultdict(str, variables)
            return {"name": NAME, "type": kind, "buildName": known[build], "buildUrl": address.format_map(known)}
    return {"name": NAME, "type": "local"}


def _write_json(path: Path, value: object) -> None:
    path.write_text(redacted(json.dumps(value, indent=2, ensure_ascii=False)) + "\n", encoding="utf-8")


def _escaped(text: str, *, name: bool = False) -> str:
    r"""Return the text as a ``.properties`` file holds it: ASCII, with ``\uXXXX`` per UTF-16 unit."""
    plain = redacted(text).replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    for special in "=:#! " if name else "":
        plain = plain.replace(special, f"\\{special}")
    if plain.startswith(" "):
        plain = f"\\{plain}"
    units = plain.encode("utf-16-be")
    codes = [int.from_bytes(units[at : at + 2]) for at in range(0, len(units), 2)]
    return "".join(chr(code) if code < 128 else f"\\u{code:04x}" for code in codes)
