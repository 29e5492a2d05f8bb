"""``dr-drill sweep``."""

from __future__ import annotations

import typer

from drill.cli.application import app
from drill.runtimes.sweeping import sweep_where_possible


@app.command()
def sweep() -> None:
    """Remove what killed runs left: processes, containers and directories of ours whose run is certainly gone.

    Every run does so by itself before it begins. Nothing without our own label or directory is touched, and nothing
    of a run that still lives.
    """
    swept = sweep_where_possible()
    for thing in swept:
        typer.echo(f"removed {thing}")
    typer.echo(f"{len(swept)} things removed")
