"""The manual as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from drill.manual.last_drill import LastDrill
from drill.manual.procedures import basis, sections, title
from drill.manual.stamp import stamp
from drill.policy import Policy
from drill.reporting.page import Block, Bullets, Cell, Figure, Paragraph, Section, Table


def manual(policy: Policy, drill: LastDrill | None, *, sha256: str, now: datetime) -> str:
    """Return the manual.

    Args:
        policy: what is written down.
        drill: the last one that was proven, which says how long things take.
        sha256: of the policy, by which a manual is known to be out of date.
        now: the day that is on the page.
    """
    parts = [
        f"<!-- {stamp(drill, sha256=sha256)} -->",
        f"# {title(policy)}",
        f"Written on {now:%Y-%m-%d} from `{policy.file.name}`.",
        *map(_block, basis(drill, sha256=sha256)),
        *(part for section in sections(policy, drill) for part in _section(section, 2)),
    ]
    return "\n\n".join(parts) + "\n"


def _section(section: Section, level: int) -> Iterator[str]:
    yield f"{'#' * level} {section.title}"
    yield from map(_block, section.blocks)
    for below in section.sections:
        yield from _section(below, level + 1)


def _block(block: Block) -> str:
    match block:
        case Table():
            return _table([column.title for column in block.columns], [row.cells for row in block.rows])
        case Bullets():
            signs = (
                (f"{number}." for number in range(1, len(block.items) + 1))
                if block.numbered
                else "-" * len(block.items)
            )
            return "\n".join(f"{sign} {_content(item)}" for sign, item in zip(signs, block.items, strict=True))
        case Paragraph():
            return f"**{_content(block.content)}**" if block.warning else _content(block.content)
        case Figure():
            return block.alt


def _table(heading: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    lines = [heading, ["---"] * len(heading), *(list(map(_content, row)) for row in rows)]
    return "\n".join("| " + " | ".join(map(_one_line, line)) + " |" for line in lines)


def _content(cell: Cell) -> str:
    return "".join(f"`{text.text}`" if text.code else text.text for text in cell)


def _one_line(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
