"""Keywords that were misspelt, so that Gherkin takes the line for description."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pytest_bdd.gherkin_parser import Background, Feature, Scenario

from drill.plugins.feature_files.anatomy import Block, blocks
from drill.plugins.feature_files.dialect import keywords
from drill.plugins.feature_files.problem import Problem, nearest

BEGIN_OF_BLOCK = re.compile(r"\s*([^\W\d_][\w ]{1,30}?)\s*:")
# "Scenarioo", "Senario" and "Exampels" are at least this like their keyword; "Reason", "Roles" and "Result" are not.
KEYWORD_LIKENESS = 0.8


def problems(feature: Feature, lines: Sequence[str]) -> Iterator[Problem]:
    """Yield every description line that was meant as a keyword.

    A block keyword is looked for in every line. A step keyword only where the description of a scenario or a
    Background begins: further down, and in features and Rules, "when" and "then" begin lines of ordinary prose.
    """
    for block in blocks(feature):
        for position, (number, line) in enumerate(_description(block, lines)):
            keyword = meant_block(line, feature.language)
            if keyword is None and position == 0 and isinstance(block, Background | Scenario):
                keyword = _meant_step(line, feature.language)
            if keyword is not None:
                yield Problem(number, f'"{line.strip()}" is taken for description', _remedy(line, keyword))


def meant_block(line: str, language: str) -> str | None:
    """Return the block keyword that this line seems to begin with, colon included; None if it begins with none."""
    begin = BEGIN_OF_BLOCK.match(line)
    keyword = nearest(begin[1], keywords(language).blocks, likeness=KEYWORD_LIKENESS) if begin else None
    return f"{keyword}:" if keyword else None


def _meant_step(line: str, language: str) -> str | None:
    """Return the step keyword that differs from the line's beginning in letter case or a colon only."""
    for keyword in keywords(language).steps:
        if re.match(rf"{re.escape(keyword)}[\s:]", line.strip(), re.IGNORECASE):
            return keyword
    return None


def _remedy(line: str, keyword: str) -> str:
    if line.strip().startswith(keyword):
        return f'"{keyword}" cannot stand at this place: move it, or say it differently if it is meant as description'
    return f'write "{keyword}", or say it differently if it is meant as description'


def _description(block: Block, lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield the lines of the block's description with their numbers; comments between them are left out."""
    number = block.location.line
    for text in filter(str.strip, block.description.splitlines()):
        number = next(n for n in range(number + 1, len(lines) + 1) if lines[n - 1].strip() == text.strip())
        yield number, text
