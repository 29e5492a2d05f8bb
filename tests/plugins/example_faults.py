"""Features as tests write them, and what is found to be wrong with them."""

from textwrap import dedent

from drill.plugins.feature_files import judgement, syntax

TAGS = {"postgres", "slow", "RTO-DB", "RPO-DB"}


def problems_of(text: str) -> list[str]:
    """The problems of a feature as ``line: what | remedy``."""
    text = dedent(text).lstrip("\n")
    try:
        found = judgement.in_writing(syntax.parsed(text), text, known_tags=TAGS)
    except syntax.UnreadableFeature as error:
        found = error.problems
    return [f"{problem.line}: {problem.what} | {problem.remedy}" for problem in found]


def feature(body: str) -> str:
    return "Feature: Shop\n" + dedent(body)
