"""Coverage: every heading of the document and every control, with what a pass does not show."""

from __future__ import annotations

from collections.abc import Sequence

from drill.reporting.composition.parts import Desk, lines, table
from drill.reporting.page import Block, Column, Paragraph, Row, Section, Text, cell
from drill.reporting.summary import Covered


def section(desk: Desk) -> Section:
    """Return the part about coverage."""
    say, summary = desk.words.say, desk.summary
    promising = [each for each in summary.headings if each.verdict]
    silent = [each.name for each in summary.headings if not each.verdict]
    headings: list[Block] = [
        _table(
            desk, "headings", say("Heading"), say("Every heading of the document that promises something"), promising
        )
    ]
    if silent:
        text = say("Headings that only hold others, or promise nothing:")
        headings.append(Paragraph(cell(f"{text} ", Text("; ".join(silent), own=True))))
    controls = _table(desk, "controls", say("Control"), say("Every control that the policy serves"), summary.controls)
    return Section(
        "coverage",
        say("Coverage"),
        (
            Paragraph(
                cell(
                    say(
                        "A verdict here is the worst of what answers for the heading or control. "
                        "It never covers more than what is tested."
                    )
                )
            ),
        ),
        (
            Section("coverage-headings", say("By heading of the document"), tuple(headings)),
            Section("coverage-controls", say("By control"), (controls,)),
        ),
    )


def _table(desk: Desk, identifier: str, what: str, caption: str, covered: Sequence[Covered]) -> Block:
    say = desk.words.say
    columns = (
        Column(what, share=2),
        Column(say("Criteria and attestations"), share=2.2),
        Column(say("Verdict"), share=1.1),
        Column(say("What this does not show"), share=4),
    )
    rows = [
        Row(
            (
                cell(
                    Text(each.name, own=True),
                    *([Text(each.title, own=True, quiet=True, breaks=True)] if each.title else []),
                ),
                desk.claims(each.criteria, each.attestations),
                desk.verdict(each.verdict),
                lines(each.shows_not, own=True),
            )
        )
        for each in covered
    ]
    return table(identifier, caption, columns, rows, otherwise=say("Nothing of the policy serves any."))
