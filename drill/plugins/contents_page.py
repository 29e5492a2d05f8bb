"""Brings ``reports/index.html`` up to date when a run has ended: a page for whoever looks, on which nothing depends."""

from __future__ import annotations

from pathlib import Path

from drill.errors import DrillError
from drill.policy import Policy


def refreshed(reports: Path, policy: Policy) -> str | None:
    """Write the page anew and return what to say of it; None where the libraries for pages are not installed."""
    try:
        from drill.reporting import contents
    except ImportError:
        return None
    try:
        return f"all runs: {contents.write(reports, policy=policy)}"
    except DrillError as error:
        return f"the page of all runs is not up to date: {error}"
