"""Reads a feature file, or says in plain words why it cannot be read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from gherkin.errors import CompositeParserException, ParserError, ParserException
from gherkin.parser import Parser
from pytest_bdd.gherkin_parser import Feature, GherkinDocument

from drill.plugins.feature_files.dialect import keywords
from drill.plugins.feature_files.problem import Problem, nearest
from drill.plugins.feature_files.wording import meant_block

LANGUAGE = re.compile(r"^\s*#\s*language\s*:\s*(\S+)", re.MULTILINE)
EXPECTED = re.compile(r"expected: (.*?)(?:, got '|$)")
WORDS = {
    "#FeatureLine": "Feature:",
    "#StepLine": "a step",
    "#TableRow": "a table row",
    "#DocStringSeparator": 'the """ of a doc string',
    "#BackgroundLine": "Background:",
    "#ScenarioLine": "Scenario:",
    "#ExamplesLine": "Examples:",
    "#RuleLine": "Rule:",
    "#TagLine": "a tag",
}


class UnreadableFeature(Exception):
    """The file holds no feature that could be judged any further."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(*problems)
        self.problems = list(problems)


def source(path: Path) -> str:
    """Return the text of the file.

    Raises:
        UnreadableFeature: the file is not plain UTF-8.
    """
    stored = path.read_bytes()
    try:
        text = stored.decode("utf-8")
    except UnicodeDecodeError as error:
        line = stored.count(b"\n", 0, error.start) + 1
        raise UnreadableFeature([Problem(line, "the file is not UTF-8", "save it as UTF-8")]) from None
    if text.startswith("\ufeff"):
        remedy = "save it as UTF-8 without one"
        raise UnreadableFeature([Problem(1, "the file begins with a byte order mark", remedy)])
    return text


def parsed(text: str) -> Feature:
    """Return the feature that the text describes.

    Raises:
        UnreadableFeature: the text is not valid Gherkin, or holds no feature.
    """
    try:
        document = Parser().parse(text)
    except CompositeParserException as error:
        raise UnreadableFeature(list(_explained(error.errors, text.splitlines(), _language(text)))) from None
    except ParserException as error:
        raise UnreadableFeature([_explanation(error, text.splitlines(), _language(text))]) from None
    except ParserError as error:
        raise UnreadableFeature([Problem(1, f"not valid Gherkin: {error}", "correct the file")]) from None
    if "feature" not in document:
        remedy = 'begin with "Feature:" and the promise that the file keeps, or delete the file'
        raise UnreadableFeature([Problem(1, "the file holds no Feature", remedy)])
    return GherkinDocument.from_dict(document).feature


def _language(text: str) -> str:
    header = LANGUAGE.search(text)
    return header[1] if header else "en"


def _explained(errors: Sequence[ParserException], lines: Sequence[str], language: str) -> Iterator[Problem]:
    """Yield one problem per error, up to one without a Feature: every line below that is only wrong in consequence."""
    for error in errors:
        yield _explanation(error, lines, language)
        if "#FeatureLine" in str(error):
            return


def _explanation(error: ParserException, lines: Sequence[str], language: str) -> Problem:
    number = error.location["line"]
    expected = EXPECTED.search(str(error))
    if expected is None:  # a sentence of the parser's own: an unknown language, rows of unequal length
        return Problem(number, str(error).split("): ", 1)[-1], "correct this line")
    choices = [word for token, word in WORDS.items() if token in expected[1].split(", ")]
    written = lines[number - 1].strip() if number <= len(lines) else ""
    remedy = f"expected here: {', '.join(choices)}" if choices else "correct this line"
    if not written:
        return Problem(number, "the file ends too early", remedy)
    meant = meant_block(written, language) or nearest(written.split()[0], keywords(language).steps)
    if meant is not None and meant not in written:
        remedy = f'did you mean "{meant}"?'
    return Problem(number, f'"{written}" is not Gherkin at this place', remedy)
