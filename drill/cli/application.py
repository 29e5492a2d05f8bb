"""What all commands share: how they end, where they print, and the options that many of them have."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from drill.errors import DrillError
from drill.evidence.verdict import Verdict
from drill.policy import find

WRONG_INPUT = 2
PIPE_WIDTH = 160

EXIT_STATUS = {Verdict.PROVEN: 0, Verdict.DISPROVEN: 1, Verdict.UNPROVEN: 3}


class FriendlyGroup(TyperGroup):
    """Commands whose errors are a line for a person, never a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; an error raised on purpose goes to stderr, and the exit status is 2."""
        try:
            return super().invoke(ctx)
        except DrillError as error:
            typer.echo(f"error: {error}", err=True)
            raise typer.Exit(WRONG_INPUT) from error


app = typer.Typer(
    name="dr-drill",
    cls=FriendlyGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

PolicyFile = Annotated[
    Path | None,
    typer.Option("--policy", metavar="FILE", help="The policy to read; otherwise the nearest policy.toml upward."),
]


ReportsDirectory = Annotated[
    Path | None,
    typer.Option("--reports", metavar="DIR", help="The reports; otherwise those beside the nearest policy.toml."),
]

ReportsArgument = Annotated[
    Path | None, typer.Argument(metavar="REPORTS", help="The reports; otherwise those beside the nearest policy.toml.")
]

PublicKeys = Annotated[
    list[Path] | None,
    typer.Option("--public-key", metavar="FILE", help="A key whose signatures count; may be repeated."),
]

ExpectedHeads = Annotated[
    list[str] | None,
    typer.Option("--expect-head", metavar="NUMBER:SHA256", help="A head that was noted; it has to be there still."),
]


def reports_or_here(reports: Path | None) -> Path:
    """Return the reports that were named, or those beside the nearest policy.

    Raises:
        DrillError: that is no directory.
    """
    place = reports or find(Path.cwd()).parent / "reports"
    if not place.is_dir():
        raise DrillError(f"{place} is no directory", remedy="name the directory of reports")
    return place


def console() -> Console:
    """Return where tables are printed: as wide as the terminal, wide enough for whoever reads a pipe."""
    page = Console()
    if not page.is_terminal:
        page.width = max(page.width, PIPE_WIDTH)
    return page


def _print_version(wanted: bool) -> None:  # noqa: FBT001
    if not wanted:
        return
    try:
        typer.echo(f"dr-drill {version('dr-drill')}")
    except PackageNotFoundError:
        typer.echo("dr-drill, run from a checkout that is not installed")
    raise typer.Exit


@app.callback()
def drill(
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Say the version and stop."),
    ] = False,
) -> None:
    """Would we get the data back, how fast, how much is lost, and where is the evidence?

    DR Drill makes a written backup and recovery policy executable. What is promised stands in policy.toml; the
    scenarios below features/ lose real servers, restore them and measure:

        pytest features/       run the drill and judge every criterion

        dr-drill policy        check policy.toml and show what is promised, and what shows it

        dr-drill gate          decide from the evidence whether something may be released

        dr-drill evidence verify   find out whether the evidence is what it was

    Exit status 2 means that something given to the command is wrong; the message says what and how to put it right.
    """
