"""Which scenarios prove which criterion, read from the tags of the feature files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from gherkin import Parser
from gherkin.errors import ParserError
from gherkin.pickles.compiler import Compiler, Pickle

from drill.errors import DrillError

Proofs = Mapping[str, Sequence[str]]
"""For each tag, the scenarios that carry it: ``database/full_backup.feature: The server is lost``."""


def proofs(features: Path) -> Proofs:
    """Return the scenarios below a directory by their tags, the rows of an outline under their own names.

    Raises:
        DrillError: a file is no Gherkin.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(features.rglob("*.feature")):
        for pickle in _pickles(path):
            scenario = f"{path.relative_to(features)}: {pickle['name']}"
            for tag in pickle["tags"]:
                known = found[tag["name"].removeprefix("@")]
                if scenario not in known:
                    known.append(scenario)
    return found


def _pickles(path: Path) -> list[Pickle]:
    try:
        document = Parser().parse(path.read_text(encoding="utf-8"))
    except (ParserError, UnicodeDecodeError) as error:
        raise DrillError(f"{path} is no Gherkin: {error}", remedy="correct the lines named") from error
    return Compiler().compile({**document, "uri": str(path)})
