"""Reads the scenarios of the feature files, without running anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gherkin import Parser
from gherkin.errors import ParserError
from gherkin.pickles.compiler import Compiler, Pickle

from drill.errors import DrillError


@dataclass(frozen=True, slots=True)
class WrittenScenario:
    """One scenario, or one row of an outline: its file below the directory, its name, its tags without the ``@``."""

    file: Path
    name: str
    tags: frozenset[str]


def scenarios(directory: Path) -> Iterator[WrittenScenario]:
    """Yield every scenario below a directory, file by file.

    Raises:
        DrillError: a file is no Gherkin.
    """
    for path in _files(directory):
        yield from _written(path, directory)


def scenarios_by_tag(directory: Path) -> Counter[str]:
    """Return how many scenarios carry each tag; every row of an outline counts.

    A file that is no Gherkin holds none: a run of other files still has to come to its end.
    """
    counts: Counter[str] = Counter()
    for path in _files(directory):
        with suppress(DrillError):
            counts.update(tag for scenario in _written(path, directory) for tag in scenario.tags)
    return counts


def _files(directory: Path) -> list[Path]:
    return sorted(directory.rglob("*.feature"))


def _written(path: Path, directory: Path) -> Iterator[WrittenScenario]:
    for pickle in _pickles(path):
        tags = frozenset(tag["name"].removeprefix("@") for tag in pickle["tags"])
        yield WrittenScenario(path.relative_to(directory), pickle["name"], tags)


def _pickles(path: Path) -> list[Pickle]:
    try:
        document = Parser().parse(path.read_text(encoding="utf-8"))
    except (ParserError, UnicodeDecodeError) as error:
        raise DrillError(f"{path} is no Gherkin: {error}", remedy="correct the lines named") from error
    return Compiler().compile({**document, "uri": str(path)})
