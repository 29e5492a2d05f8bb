"""The gate's decision as a table, as JSON, as JUnit XML and as a page for a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

from rich import box
from rich.console import Group
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from drill.evidence.summary import COLOURS
from drill.evidence.verdict import Verdict
from drill.gate.check import Check
from drill.gate.decision import Decision

SAID = {
    Verdict.PROVEN: "The gate is open",
    Verdict.DISPROVEN: "The gate is shut: something is disproven",
    Verdict.UNPROVEN: "The gate is shut: something is unproven",
}
LONGEST = 64_000
"""Characters of rows and notes on a page: GitHub takes 65,536 for a comment, headings and all."""
LONGEST_TEXT = 2_000
_HEADING = ("| check | verdict | what |", "|---|---|---|")
_NOT_IN_XML = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
"""A pattern; that it is compiled where it is needed spares every other start of the command some milliseconds."""


def table(decision: Decision) -> Group:
    """Return what a person reads on the terminal."""
    checks = Table(box=box.SIMPLE_HEAD, title=SAID[decision.verdict], title_justify="left")
    checks.title_style = COLOURS[decision.verdict]
    for name in ("check", "verdict", "what"):
        checks.add_column(name, no_wrap=name != "what")
    for check in decision.checks:
        checks.add_row(check.id, Text(_verdict(check), style=COLOURS[check.verdict]), escape(check.what))
    return Group(checks, *map(Text, _lines(decision)))


def as_json(decision: Decision) -> dict[str, Any]:
    """Return the decision as plain data."""
    return {
        "verdict": str(decision.verdict),
        "at": decision.at.isoformat(),
        "drill": decision.drill.id if decision.drill else None,
        "heads": list(decision.heads),
        "checks": [
            {
                "id": check.id,
                "verdict": str(check.verdict),
                "what": check.what,
                "suppressed_by": check.suppressed.owner if check.suppressed else None,
            }
            for check in decision.checks
        ],
        "suppressions": [each.model_dump(mode="json") for each in decision.suppressions],
        "notes": list(decision.notes),
    }


def junit(decision: Decision) -> str:
    """Return the decision as JUnit XML: disproven is a failure, unproven an error, suppressed is skipped."""
    from xml.etree import ElementTree  # here, because few ask for it

    counts = {
        "tests": len(decision.checks),
        "failures": sum(check.holds_shut and check.verdict is Verdict.DISPROVEN for check in decision.checks),
        "errors": sum(check.holds_shut and check.verdict is Verdict.UNPROVEN for check in decision.checks),
        "skipped": sum(check.suppressed is not None for check in decision.checks),
    }
    root = ElementTree.Element("testsuites")
    named = {"name": "dr-drill gate", "timestamp": decision.at.isoformat()}
    suite = ElementTree.SubElement(root, "testsuite", named | {name: str(count) for name, count in counts.items()})
    for check in decision.checks:
        case = ElementTree.SubElement(suite, "testcase", classname="dr-drill.gate", name=_printable(check.id))
        if check.suppressed:
            ElementTree.SubElement(case, "skipped", message=_printable(f"{check.what}; {_suppressed(check)}"))
        elif check.holds_shut:
            kind = "failure" if check.verdict is Verdict.DISPROVEN else "error"
            ElementTree.SubElement(case, kind, type=str(check.verdict), message=_printable(check.what))
    ElementTree.SubElement(suite, "system-out").text = _printable("\n".join(_lines(decision)))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def markdown(decision: Decision) -> str:
    """Return one page for a pull request: what holds the gate shut first, all that holds below.

    It is no longer than a comment may be; what has no room is counted, what holds first of all.
    """
    checks = {shut: [check for check in decision.checks if check.holds_shut is shut] for shut in (True, False)}
    rows = {shut: list(map(_row, each)) for shut, each in checks.items()}
    lines = [f"- {_inline(line)}" for line in _lines(decision)]
    room = LONGEST
    shown = []
    for each in (rows[True], lines, rows[False]):
        shown.append(_fitting(each, room))
        room -= sum(len(line) + 1 for line in shown[-1])
    shut, told, held = shown
    parts = [f"## DR Drill: {SAID[decision.verdict].lower()}"]
    if shut:
        parts.append("\n".join([*_HEADING, *shut]))
    if checks[False]:
        title = f"checks that hold: {sum(check.suppressed is None for check in checks[False])}"
        parts.append(f"<details><summary>{title}</summary>\n\n" + "\n".join([*_HEADING, *held]) + "\n\n</details>")
    parts.append("\n".join(told))
    left_out = {
        "checks that hold it shut": len(rows[True]) - len(shut),
        "notes": len(lines) - len(told),
        "checks that hold": len(rows[False]) - len(held),
    }
    if any(left_out.values()):
        counted = ", ".join(f"{number} {what}" for what, number in left_out.items() if number)
        parts.append(f"A comment has no room for more: {counted} are left out; `dr-drill gate` says all of it.")
    return "\n\n".join(parts) + "\n"


def _fitting(lines: Sequence[str], room: int) -> list[str]:
    """Return as many of the lines as there is room for, the first ones first."""
    ends = accumulate(len(line) + 1 for line in lines)
    return [line for line, end in zip(lines, ends, strict=True) if end <= room]


def _lines(decision: Decision) -> Iterator[str]:
    for each in decision.suppressions:
        yield f"suppressed until {each.expires}: {each.id}: {each.reason} ({each.owner})"
    yield from decision.notes
    for head in decision.heads:
        yield f"head: {head}"


def _row(check: Check) -> str:
    return f"| {_inline(check.id)} | {_verdict(check)} | {_inline(check.what)} |"


def _verdict(check: Check) -> str:
    return f"{check.verdict} (suppressed)" if check.suppressed else str(check.verdict)


def _suppressed(check: Check) -> str:
    assert check.suppressed is not None
    return f"suppressed until {check.suppressed.expires} by {check.suppressed.owner}: {check.suppressed.reason}"


def _inline(text: str) -> str:
    """Return a text as one line that Markdown shows as it is: a record may hold anything."""
    short = text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"
    plain = " ".join(short.replace("&", "&amp;").replace("<", "&lt;").split())
    return re.sub(r"([\\`*_\[\]|~@#!])", r"\\\1", plain)


def _printable(text: str) -> str:
    return re.sub(_NOT_IN_XML, "\ufffd", text)
