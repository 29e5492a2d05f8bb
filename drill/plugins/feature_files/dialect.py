"""The keywords of the language that a feature file is written in."""

from __future__ import annotations

from dataclasses import dataclass

from gherkin.dialect import DIALECTS

BLOCKS = ("feature", "rule", "background", "scenario", "scenarioOutline", "examples")
STEPS = ("given", "when", "then", "and", "but")


@dataclass(frozen=True, slots=True)
class Keywords:
    """What begins a block (before a colon), a step, and an outline."""

    blocks: tuple[str, ...]
    steps: tuple[str, ...]
    outlines: tuple[str, ...]


def keywords(language: str) -> Keywords:
    """Return the keywords of a language such as ``en`` or ``vi``; English where there is none of that name.

    The ``*`` that may stand for any step keyword is left out: it is no word that could be misspelt.
    """
    words: dict[str, list[str]] = {**DIALECTS.get(language, DIALECTS["en"])}  # type: ignore[dict-item]
    return Keywords(
        blocks=tuple(word for kind in BLOCKS for word in words[kind]),
        steps=tuple(dict.fromkeys(word.strip() for kind in STEPS for word in words[kind] if word.strip() != "*")),
        outlines=tuple(words["scenarioOutline"]),
    )
