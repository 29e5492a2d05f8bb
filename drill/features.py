"""Counts the scenarios of the feature files by their tags, without running anything."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from gherkin import Parser
from gherkin.errors import ParserError
from gherkin.pickles.compiler import Compiler


def scenarios_by_tag(directory: Path) -> Counter[str]:
    """Return how many scenarios below a directory carry each tag, written without its ``@``.

    Every row of an outline counts. A file that is no Gherkin holds none; whoever runs it is told what is wrong there.
    """
    counts: Counter[str] = Counter()
    for path in sorted(directory.rglob("*.feature")):
        try:
            document = Parser().parse(path.read_text("utf-8"))
        except (ParserError, UnicodeDecodeError):
            continue
        for pickle in Compiler().compile({**document, "uri": str(path)}):
            counts.update({tag["name"].removeprefix("@") for tag in pickle["tags"]})
    return counts
