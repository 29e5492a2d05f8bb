"""What the parts of the page share: how evidence is linked, and how verdicts, criteria and moments are shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from drill.evidence.verdict import Verdict
from drill.reporting.measures import Measured
from drill.reporting.page import Block, Cell, Column, Paragraph, Row, Table, Text, cell
from drill.reporting.summary import Attested, Standing, Summary
from drill.reporting.words import NOTHING, Words

RECORD, LOG, STATEMENT = "run.json", "events.jsonl", "statement.dsse.json"
RUNS = "runs"
"""The id of the table of all runs, each of which leads to its evidence."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What every part is written with: the data, the words, and where ``runs/`` is as seen from the page."""

    summary: Summary
    words: Words
    runs: str

    def evidence(self, run: str, file: str = RECORD) -> str:
        """Return where a file of a run is."""
        return f"{self.runs}/{run}/{file}"

    def verdict(self, verdict: Verdict | None) -> Cell:
        """Return a cell that names a verdict."""
        return cell(Text(self.words.verdict(verdict), verdict=verdict)) if verdict else cell(NOTHING)

    def measured(self, value: Measured | None) -> Cell:
        """Return a cell with a value that leads to its record."""
        return cell(Text(self.words.quantity(value.text), href=self.evidence(value.run))) if value else cell(NOTHING)

    def moment(self, moment: datetime | None, run: str | None) -> Cell:
        """Return a cell with a moment that leads to the record of its run."""
        if moment is None:
            return cell(NOTHING)
        return cell(Text(self.words.moment(moment), href=self.evidence(run) if run else None))

    def run(self, run: str, file: str = RECORD) -> Text:
        """Return a run's name, which leads to its evidence."""
        return Text(run, href=self.evidence(run, file), code=True)

    def of_all(self, text: str) -> Cell:
        """Return a cell with what was counted over all runs of the span, which leads to these."""
        return cell(Text(text, href=f"#{RUNS}" if self.summary.drills else None))

    def of_run(self, text: str, run: str) -> Cell:
        """Return a cell with what the record of a run holds, which leads to it."""
        return cell(Text(text, href=self.evidence(run)))

    def attested(self, each: Attested) -> Cell:
        """Return a cell that names the verdict on an attestation, and says so where it has expired."""
        expired = each.verdict is not Verdict.PROVEN and each.expires_on is not None
        note = (Text(self.words.say("expired"), quiet=True, breaks=True),) if expired else ()
        return (*self.verdict(each.verdict), *note)

    def claims(self, criteria: Iterable[str], attestations: Iterable[str] = ()) -> Cell:
        """Return a cell that names criteria and attestations with their verdicts, one a line."""
        standings = {each.id: each for each in self.summary.criteria}
        attested = {each.id: each for each in self.summary.attestations}
        known: Sequence[Standing | Attested] = [
            *(standings[each] for each in criteria),
            *(attested[each] for each in attestations),
        ]
        parts = [
            Text(each.id, href=f"#{anchor(each.id)}", verdict=each.verdict, code=True, breaks=place > 0)
            for place, each in enumerate(known)
        ]
        return cell(*parts) if parts else cell(NOTHING)

    def policy(self, text: str, *, quiet: bool = False, breaks: bool = False) -> Cell:
        """Return a text of the policy: translated where it is the shipped one's, as it is written otherwise.

        What stands between backticks in it is a name to be copied.
        """
        known = self.words.translated(text)
        return tuple(
            Text(part, own=known is None, code=place % 2 == 1, quiet=quiet, breaks=breaks and place == 0)
            for place, part in enumerate((known or text).split("`"))
            if part or place == 0
        )

    def lines(self, texts: Iterable[str]) -> Cell:
        """Return a cell of several texts of the policy, one a line."""
        parts = [part for place, text in enumerate(texts) for part in self.policy(text, breaks=place > 0)]
        return tuple(parts) or cell(NOTHING)


def anchor(identifier: str) -> str:
    """Return the id that a criterion or attestation has on the page."""
    return f"criterion-{identifier}"


def table(
    identifier: str,
    caption: str,
    columns: Sequence[Column],
    rows: Sequence[Row],
    *,
    otherwise: str,
    folded: bool = False,
) -> Block:
    """Return a table, or what is to be said where there is no row: nothing is shown as an empty table."""
    if not rows:
        return Paragraph(cell(otherwise))
    return Table(identifier, caption, tuple(columns), tuple(rows), folded)
