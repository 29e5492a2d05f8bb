"""The same deliberate faults, seen by usual checks: what each of them would have let pass."""

from __future__ import annotations

from collections.abc import Iterator

from drill.reporting.composition.parts import Desk, table
from drill.reporting.page import Block, Cell, Column, Paragraph, Row, Text, cell
from drill.reporting.usual_checks import UsualCheck, UsualChecks
from drill.reporting.words import NOTHING


def usual_checks(desk: Desk) -> Iterator[Block]:
    """Yield why it is told, and of each check how much it notices, and what not."""
    say, compared = desk.words.say, desk.summary.usual_checks
    if compared is None:
        unmeasured = say("What usual checks would have missed is not measured: no run of the span asked them.")
        yield Paragraph(cell(unmeasured))
        return
    why = say("Usual checks looked at the same broken backups. What one of them misses passes for a good backup there.")
    yield Paragraph(cell(why))
    columns = (
        Column(say("Check"), share=1.6),
        Column(say("Noticed"), numeric=True, share=1.1),
        Column(say("Missed"), share=5),
    )
    caption = say("The same faults, seen by usual checks")
    rows = [_drill(desk, compared), *(_check(desk, each) for each in compared.checks)]
    yield table("usual-checks", caption, columns, rows, otherwise="")


def _drill(desk: Desk, compared: UsualChecks) -> Row:
    seen = _share(desk, compared.faults - len(compared.missed), compared.faults)
    missed = [Text(", ".join(compared.missed), code=True, breaks=True)] if compared.missed else []
    return Row((cell(desk.words.say("This drill")), seen, cell(desk.run(compared.run), *missed)))


def _check(desk: Desk, check: UsualCheck) -> Row:
    inferred = desk.words.say("not run: it follows from what the drill found on restoring")
    name = cell(Text(check.name, own=True), *([Text(inferred, quiet=True, breaks=True)] if check.inferred else []))
    seen = _share(desk, len(check.noticed), len(check.noticed) + len(check.missed))
    return Row((name, seen, _missed(desk, check)))


def _share(desk: Desk, noticed: int, faults: int) -> Cell:
    number = desk.words.number
    return cell(desk.words.say("{proven} of {all}", proven=number(noticed), all=number(faults)))


def _missed(desk: Desk, check: UsualCheck) -> Cell:
    """Name what it missed; where it noticed less than that, what it did not miss."""
    if not check.missed:
        return cell(NOTHING)
    if not check.noticed:
        return cell(desk.words.say("all of them"))
    if len(check.missed) <= len(check.noticed):
        return cell(Text(", ".join(check.missed), code=True))
    return cell(desk.words.say("all but: "), Text(", ".join(check.noticed), code=True))
