"""The same deliberate faults, seen by usual checks: what each of them would have let pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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
    if compared.kinds:
        yield _matrix(desk, compared)
    columns = (
        Column(say("Check"), share=1.6),
        Column(say("Noticed"), numeric=True, share=1.1),
        Column(say("Missed"), share=5),
    )
    caption = say("The same faults, seen by usual checks")
    rows = [_drill(desk, compared), *(_check(desk, compared, each) for each in compared.checks)]
    yield table("usual-checks", caption, columns, rows, otherwise="", folded=bool(compared.kinds))


def _matrix(desk: Desk, compared: UsualChecks) -> Block:
    """Return how many faults of each kind each check notices, of how many that it applies to."""
    say = desk.words.say
    columns = (
        Column(say("Check"), share=2.4),
        Column(say("Of all"), numeric=True, share=1.8),
        *(Column(_kind(desk, kind), numeric=True, upright=True) for kind in compared.kinds),
    )
    asked = {fault for faults in compared.kinds.values() for fault in faults}
    rows = [
        _line(desk, compared, cell(say("This drill")), asked - set(compared.missed), asked),
        *(
            _line(desk, compared, _name(desk, each), set(each.noticed), {*each.noticed, *each.missed})
            for each in compared.checks
        ),
    ]
    caption = say("Faults of each kind that a check notices, of those that it applies to")
    return table("usual-matrix", caption, columns, rows, otherwise="")


def _line(desk: Desk, compared: UsualChecks, name: Cell, noticed: set[str], applies: set[str]) -> Row:
    def share(faults: Iterable[str]) -> str:
        here = applies & set(faults)
        return f"{desk.words.number(len(noticed & here))}/{desk.words.number(len(here))}" if here else NOTHING

    by_kind = (cell(share(faults)) for faults in compared.kinds.values())
    return Row((name, desk.of_run(share(applies), compared.run), *by_kind))


def _name(desk: Desk, check: UsualCheck) -> Cell:
    inferred = desk.words.say("not run: it follows from what the drill found on restoring")
    return cell(Text(check.name, own=True), *([Text(inferred, quiet=True, breaks=True)] if check.inferred else []))


def _kind(desk: Desk, kind: str) -> str:
    say = desk.words.say
    known = {
        "dump": say("dump"),
        "physical": say("physical"),
        "chain": say("chain"),
        "log": say("log"),
        "stream": say("stream"),
        "snapshot": say("snapshot"),
        "append-only": say("append-only"),
        "archive": say("archive"),
        "mirror": say("mirror"),
        "machine": say("machine"),
        "catalogue": say("catalogue"),
        "retention": say("retention"),
        "secrecy": say("secrecy"),
        "off-site": say("off-site"),
        "record": say("record"),
        "ciphertext": say("ciphertext"),
    }
    return known.get(kind, kind)


def _drill(desk: Desk, compared: UsualChecks) -> Row:
    seen = _share(desk, compared, compared.faults - len(compared.missed), compared.faults)
    missed = [Text(", ".join(compared.missed), code=True, breaks=True)] if compared.missed else []
    return Row((cell(desk.words.say("This drill")), seen, cell(desk.run(compared.run), *missed)))


def _check(desk: Desk, compared: UsualChecks, check: UsualCheck) -> Row:
    seen = _share(desk, compared, len(check.noticed), len(check.noticed) + len(check.missed))
    return Row((_name(desk, check), seen, _missed(desk, check)))


def _share(desk: Desk, compared: UsualChecks, noticed: int, faults: int) -> Cell:
    number = desk.words.number
    return desk.of_run(desk.words.say("{proven} of {all}", proven=number(noticed), all=number(faults)), compared.run)


def _missed(desk: Desk, check: UsualCheck) -> Cell:
    """Name what it missed; where it noticed less than that, what it did not miss."""
    if not check.missed:
        return cell(NOTHING)
    if not check.noticed:
        return cell(desk.words.say("all of them"))
    if len(check.missed) <= len(check.noticed):
        return cell(Text(", ".join(check.missed), code=True))
    return cell(desk.words.say("all but: "), Text(", ".join(check.noticed), code=True))
