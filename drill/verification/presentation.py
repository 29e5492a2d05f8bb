"""A verification, for people."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table
from rich.text import Text

from drill.evidence.redaction import redacted
from drill.verification.report import Report

SHOWN = 50


def tables(report: Report) -> Group:
    """Return every restore, every finding with its remedy, and the verdict."""
    drawn: list[Table | Text] = [_restorations(report)] if report.restorations else []
    drawn += [_findings(report)] if report.findings else []
    further = len(report.findings) - SHOWN
    drawn += [Text(f"and {further} further findings; --json FILE writes all of them")] if further > 0 else []
    drawn += [Text(f"not rehearsed, as nobody asked for it: {', '.join(report.unasked)}")] if report.unasked else []
    return Group(*drawn, Text(f"{report.verdict}: {report.repository}"))


def _restorations(report: Report) -> Table:
    drawn = Table(title=Text(f"restored on {report.runtime}"), title_justify="left")
    for column in ("backup", "to", "compared", "restore", "verdict"):
        drawn.add_column(column, justify="right" if column == "restore" else "left")
    for each in report.restorations:
        took = f"{each.took.total_seconds():.1f} s"
        drawn.add_row(each.backup, each.target, "yes" if each.compared else "no", took, str(each.verdict))
    return drawn


def _findings(report: Report) -> Table:
    drawn = Table(title=Text("findings"), title_justify="left")
    for column in ("id", "weighs", "of", "what", "what to do"):
        drawn.add_column(column)
    for each in report.findings[:SHOWN]:
        drawn.add_row(each.id, str(each.severity), Text(each.object), Text(redacted(each.what)), Text(each.remedy))
    return drawn
