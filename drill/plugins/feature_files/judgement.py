"""Everything that is wrong with one feature file."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from pytest_bdd.feature import get_feature
from pytest_bdd.gherkin_parser import Feature

from drill.plugins.feature_files import outlines, shape, steps, syntax, tags, wording
from drill.plugins.feature_files.problem import Problem
from drill.plugins.feature_files.vocabulary import Vocabulary


def problems(path: Path, *, known_tags: Collection[str], vocabulary: Vocabulary) -> list[Problem]:
    """Return all that is wrong with the file, in the order of its lines; nothing means that it can be collected.

    A file that is not Gherkin is judged no further; one whose first step continues nothing, not against the steps.
    """
    try:
        text = syntax.source(path)
        feature = syntax.parsed(text)
    except syntax.UnreadableFeature as error:
        return error.problems
    written = in_writing(feature, text, known_tags=known_tags)
    if any(shape.unordered(feature)):
        return written
    # A line that is wrong in itself also fits no step definition: saying so twice would hide the cause.
    wrong = {problem.line for problem in written}
    spoken = steps.problems(get_feature(str(path.parent), path.name), vocabulary)
    return sorted([*written, *(problem for problem in spoken if problem.line not in wrong)])


def in_writing(feature: Feature, text: str, *, known_tags: Collection[str]) -> list[Problem]:
    """Return what is wrong with a feature in itself, whatever its steps mean."""
    found = {
        *wording.problems(feature, text.splitlines()),
        *shape.unordered(feature),
        *shape.problems(feature),
        *outlines.problems(feature),
        *tags.problems(feature, known_tags),
    }
    return sorted(found)
