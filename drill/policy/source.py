"""The written document: its headings, and the clauses below them that may promise something."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from drill.policy.claims import Citation, citation
from drill.policy.models import Policy
from drill.policy.problems import PolicyError, Problem

_HEADING = re.compile(r"#{1,6}\s+(.*)")
_ITEM = re.compile(r"(?:-|[0-9]+\.)\s+\*\*(.+?)\*\*")
_STEP = re.compile(r"#\s+(.*)")
_FENCE = "```"

Clauses = dict[str, list[str]]
"""The clauses of each heading, in the document's order."""
Commands = dict[Citation, list[str]]
"""The commands below each comment in the document's blocks of commands."""


def clauses(text: str) -> Clauses:
    """Return every heading of a Markdown text with its clauses.

    A clause is the bold beginning of a list item, or a comment in a block of commands (``# Stop Redis``).
    """
    found: Clauses = {}
    heading, in_commands = "", False
    for line in text.splitlines():
        if line.startswith(_FENCE):
            in_commands = not in_commands
        elif in_commands:
            if step := _STEP.match(line):
                found[heading].append(step[1].strip())
        elif title := _HEADING.match(line):
            heading = title[1].replace("**", "").strip()
            found.setdefault(heading, [])
        elif item := _ITEM.match(line):
            found[heading].append(item[1])
    return found


def holds(text: str) -> Clauses:
    """Return the headings that stand directly below each heading of a Markdown text."""
    found: Clauses = {}
    above: list[tuple[int, str]] = []
    in_commands = False
    for line in text.splitlines():
        if line.startswith(_FENCE):
            in_commands = not in_commands
        elif not in_commands and (title := _HEADING.match(line)):
            depth, heading = len(line.partition(" ")[0]), title[1].replace("**", "").strip()
            above = [each for each in above if each[0] < depth]
            if above:
                found[above[-1][1]].append(heading)
            found.setdefault(heading, [])
            above.append((depth, heading))
    return found


def commands(text: str) -> Commands:
    """Return the commands of a Markdown text by heading and comment, as they are written."""
    found: Commands = {}
    heading, comment, in_commands = "", "", False
    for line in text.splitlines():
        if line.startswith(_FENCE):
            in_commands = not in_commands
        elif in_commands:
            if step := _STEP.match(line):
                comment = step[1].strip()
            elif line.strip():
                found.setdefault(Citation(heading, comment), []).append(line.strip())
        elif title := _HEADING.match(line):
            heading = title[1].replace("**", "").strip()
    return found


def problems(policy: Policy) -> list[Problem]:
    """Return what the policy leaves out of its document, and what it cites that is not there.

    Raises:
        PolicyError: the document cannot be read.
    """
    text = _read(policy)
    document, written = clauses(text), commands(text)
    cited = {(f"criteria[{claim.id}]", place) for claim in policy.criteria for place in claim.citations}
    cited |= {(f"attestations[{claim.id}]", place) for claim in policy.attestations for place in claim.citations}
    cited |= {("document.not_criteria", citation(text)) for text in policy.document.not_criteria}
    absent = [
        Problem(policy.file, key, f"{_shown(place)} is not in the document", "copy heading and clause exactly")
        for key, place in sorted(cited, key=str)
        if not _present(document, place)
    ]
    made_up = [
        Problem(
            policy.file,
            f"documented[{entry.id}].command",
            f"{entry.command!r} does not stand below {_shown(entry.citation)}",
            "copy heading, clause and command exactly",
        )
        for entry in policy.documented
        if entry.command not in written.get(entry.citation, ())
    ]
    return (
        absent
        + made_up
        + [
            Problem(
                policy.file,
                "criteria",
                f"nothing speaks for {_shown(place)}",
                "add a criterion or an attestation, or name it in document.not_criteria",
            )
            for place in uncovered(document, [place for _, place in cited])
        ]
    )


def uncovered(document: Clauses, cited: Iterable[Citation]) -> list[Citation]:
    """Return the headings and clauses that no citation reaches; citing a heading reaches all of its clauses."""
    reached = set(cited)
    left: list[Citation] = []
    for heading, below in document.items():
        if Citation(heading, None) in reached:
            continue
        places = [Citation(heading, clause) for clause in below] or [Citation(heading, None)]
        left += [place for place in places if place not in reached]
    return left


def _read(policy: Policy) -> str:
    path: Path = policy.directory / policy.document.source
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        what = f"{str(policy.document.source)!r} cannot be read ({error})"
        raise PolicyError([Problem(policy.file, "document.source", what, "correct the path")]) from error


def _present(document: Clauses, place: Citation) -> bool:
    return place.heading in document and (place.clause is None or place.clause in document[place.heading])


def _shown(place: Citation) -> str:
    return repr(place.heading if place.clause is None else f"{place.heading}: {place.clause}")
