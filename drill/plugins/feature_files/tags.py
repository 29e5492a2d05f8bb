"""Tags that nobody registered, so that nothing would ever select or count them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from pytest_bdd.gherkin_parser import Feature

from drill.plugins.feature_files import anatomy
from drill.plugins.feature_files.problem import Problem, nearest

CRITERION = re.compile(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)*")


# "@slwo" and "@RTO-DBS" are meant as their neighbours; RET-30D is no misspelt RTO-DB.
TAG_LIKENESS = 0.7


def names_criterion(tag: str) -> bool:
    """Say whether the tag has the form of a criterion's id, such as ``RTO-DB`` or ``RET-30D``."""
    return CRITERION.fullmatch(tag) is not None


def problems(feature: Feature, known: Collection[str]) -> Iterator[Problem]:
    """Yield every tag that is not among the known ones."""
    for tag in anatomy.tags(feature):
        name = tag.name.removeprefix("@")
        if name not in known:
            yield Problem(tag.location.line, f"nothing is known of the tag @{name}", _remedy(name, known))


def _remedy(name: str, known: Collection[str]) -> str:
    kind = names_criterion(name)
    alike = nearest(name, (tag for tag in known if names_criterion(tag) == kind), likeness=TAG_LIKENESS)
    if alike:
        return f"did you mean @{alike}?"
    if kind:
        return f"add the criterion {name} to policy.toml"
    return 'register it under "markers" of pytest in pyproject.toml'
