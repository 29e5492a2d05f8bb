"""``dr-drill allure``: the newest run step by step, as one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from drill.allure.page import PAGE, made
from drill.cli.application import ReportsDirectory, app, reports_or_here
from drill.cli.index import contents_of


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
        typer.echo(f"written: {contents_of(place)}")
