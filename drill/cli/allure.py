"""``dr-drill allure``: the newest run step by step, as one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from drill.allure.page import PAGE, made
from drill.cli.application import ReportsDirectory, app, reports_or_here
from drill.errors import DrillError


@app.command()
def allure(
    *,
    reports: ReportsDirectory = None,
    results: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Other results; otherwise allure-results below the reports.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help=f"Where to; otherwise {PAGE} below the reports.")
    ] = None,
) -> None:
    r"""Make one HTML file of the newest run's Allure results: every scenario step by step, with its attachments.

    Needs Node (pip install 'dr-drill\[allure]' brings one) and fetches the Allure command line once, as its lock file
    has it. The page works offline and counts no visits. The verdicts that count are those of run.json.

    Exit status: 0 written, 2 wrong usage, no results or no Node; the results stay what they are.
    """
    place = reports_or_here(reports)
    typer.echo(f"written: {made(place, results=results, page=output)}")
    if output is None:
        typer.echo(f"written: {_contents(place)}")


@app.command()
def index(*, reports: ReportsDirectory = None) -> None:
    """Write reports/index.html: all runs, reports and pages that lie there, to be opened in a browser.

    dr-drill report and dr-drill allure write it anew, too.
    """
    typer.echo(f"written: {_contents(reports_or_here(reports))}")


def _contents(reports: Path) -> Path:
    try:
        from drill.reporting import contents
    except ImportError as error:
        raise DrillError(
            f"pages need a library that is not installed ({error.name})", remedy="pip install 'dr-drill[report]'"
        ) from error
    return contents.write(reports)
