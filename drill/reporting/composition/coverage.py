"""Coverage: every heading of the document and every control, with what a pass does not show."""

from __future__ import annotations

from collections.abc import Sequence

from drill.reporting.composition.parts import Desk, table
from drill.reporting.page import Block, Cell, Column, Paragraph, Row, Section, Text, cell
from drill.reporting.summary import Covered
from drill.reporting.words import NOTHING


def section(desk: Desk) -> Section:
    """Return the part about coverage."""
    say, summary = desk.words.say, desk.summary
    headings = _table(desk, "headings", say("Heading"), say("Every heading of the document"), summary.headings)
    controls = _table(desk, "controls", say("Control"), say("Every control that is known"), summary.controls)
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
            Section("coverage-headings", say("By heading of the document"), (headings,)),
            Section("coverage-controls", say("By control"), (controls,)),
        ),
    )


def _table(desk: Desk, identifier: str, what: str, caption: str, covered: Sequence[Covered]) -> Block:
    say = desk.words.say
    columns = (
        Column(what, share=2),
        Column(say("Criteria and attestations"), share=2.2),
        Column(say("Newest proof"), share=1.5),
        Column(say("Verdict"), share=1.8),
        Column(say("What this does not show"), share=4),
    )
    rows = [
        Row(
            (
                cell(
                    Text(each.name, own=True),
                    *([Text(each.title, own=True, quiet=True, breaks=True)] if each.title else []),
                ),
                _answers(desk, each),
                _newest_proof(desk, each),
                desk.verdict(each.verdict),
                desk.lines(each.shows_not),
            )
        )
        for each in covered
    ]
    return table(identifier, caption, columns, rows, otherwise=say("The document has no heading."), folded=True)


def _answers(desk: Desk, each: Covered) -> Cell:
    if each.criteria or each.attestations:
        return desk.claims(each.criteria, each.attestations)
    if each.holds:
        below = Text("; ".join(each.holds), own=True, quiet=True)
        return cell(Text(desk.words.say("It only holds: "), quiet=True), below)
    said = desk.words.say("nothing of the policy serves it") if each.title else desk.words.say("it promises nothing")
    return cell(Text(said, quiet=True))


def _newest_proof(desk: Desk, each: Covered) -> Cell:
    """Return the newest of the proofs of a row's criteria, which leads to its record."""
    proofs = {
        standing.last_proven: standing
        for standing in desk.summary.criteria
        if standing.id in each.criteria and standing.last_proven is not None
    }
    if not proofs:
        return cell(NOTHING)
    newest = proofs[max(proofs)]
    moment = desk.moment(newest.last_proven, newest.last_proven_run)
    return (*moment, Text(newest.id, code=True, quiet=True, breaks=True))
