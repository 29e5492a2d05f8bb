"""``dr-drill index``: one page that leads to all that lies among the reports."""

from __future__ import annotations

from pathlib import Path

import typer

from drill.cli.application import ReportsDirectory, app, reports_or_here
from drill.errors import DrillError
from drill.policy import Policy, find, load
from drill.policy.problems import PolicyError


@app.command()
def index(*, reports: ReportsDirectory = None) -> None:
    """Write reports/index.html: all runs, drills, reports and pages that lie there, to be opened in a browser.

    Of each run it says, too, whether its evidence is as it was sealed.
    dr-drill report and dr-drill allure write it anew, too.
    """
    typer.echo(f"written: {contents_of(reports_or_here(reports))}")


def contents_of(reports: Path) -> Path:
    """Write the page and return its path.

    Raises:
        DrillError: a library for pages is not installed.
    """
    try:
        from drill.reporting import contents
    except ImportError as error:
        raise DrillError(
            f"pages need a library that is not installed ({error.name})", remedy="pip install 'dr-drill[report]'"
        ) from error
    return contents.write(reports, policy=_policy(reports))


def _policy(reports: Path) -> Policy | None:
    """Return the policy above the reports; None where there is none: then no run is known to be a full drill."""
    try:
        file = find(reports)
    except PolicyError:
        return None
    return load(file)
