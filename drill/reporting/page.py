"""What a reader sees, before it is HTML or PDF: sections of paragraphs, tables and figures, in one language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from drill.evidence.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of text.

    Attributes:
        text: what is read.
        href: what it links to: ``#id`` on the page, or evidence beside it.
        verdict: the verdict that it names.
        own: whether it stands in the words of the policy or the evidence, which are not translated.
        code: whether it is a name to be copied as it is.
        quiet: whether it says less than what stands beside it.
        breaks: whether it begins a new line.
    """

    text: str
    href: str | None = None
    verdict: Verdict | None = None
    own: bool = False
    code: bool = False
    quiet: bool = False
    breaks: bool = False


Cell = tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading; numbers stand to the right. ``share`` is how wide it is beside the others.

    The heading of an ``upright`` one is read from below, so that many of them stand side by side.
    """

    title: str
    numeric: bool = False
    share: float = 1.0
    upright: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row, whose first cell names it; ``id`` is what links lead to."""

    cells: tuple[Cell, ...]
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its caption; one without rows is never shown empty: a paragraph stands in its place.

    A ``folded`` one is long, and on a screen opened by whoever wants to see it.
    """

    id: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing as SVG, and the same in words for whoever does not see it. ``wide`` ones take a row for themselves.

    ``evidence`` leads to the records that it is drawn from.
    """

    id: str
    title: str
    svg: str
    alt: str
    evidence: Cell = ()
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text by itself; ``warning`` is what has to be known before anything else."""

    content: Cell
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list; ``numbered`` where one thing comes after the other."""

    items: tuple[Cell, ...]
    numbered: bool = False


Block = Table | Figure | Paragraph | Bullets


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """The whole report.

    ``counts`` are the criteria by verdict with the verdict's name, ``facts`` what stands below the title, ``labels``
    the few words that the frame itself needs.
    """

    language: str
    title: str
    subtitle: str
    verdict: Verdict
    verdict_name: str
    sentence: str
    counts: tuple[tuple[Verdict, str, str], ...]
    facts: tuple[tuple[str, Text], ...]
    warnings: tuple[Text, ...]
    sections: tuple[Section, ...]
    labels: dict[str, str] = field(default_factory=dict)

    def figures(self) -> Iterable[Figure]:
        """Yield every figure, in order."""
        waiting = list(self.sections)
        while waiting:
            section = waiting.pop(0)
            waiting = [*section.sections, *waiting]
            yield from (block for block in section.blocks if isinstance(block, Figure))


def cell(*parts: Text | str) -> Cell:
    """Return a cell of several pieces."""
    return tuple(Text(part) if isinstance(part, str) else part for part in parts)
