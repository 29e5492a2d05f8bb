"""Counts the scenarios of the feature files by their tags, without running anything."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from gherkin.parser import Parser
from gherkin.pickles.compiler import Compiler


def scenarios_by_tag(directory: Path) -> Counter[str]:
    """Return how many scenarios carry each tag; every row of an outline counts, tags are without the ``@``."""
    counts: Counter[str] = Counter()
    for path in sorted(directory.rglob("*.feature")):
        document = Parser().parse(path.read_text("utf-8"))
        for pickle in Compiler().compile({**document, "uri": str(path)}):
            counts.update({tag["name"].removeprefix("@") for tag in pickle["tags"]})
    return counts
