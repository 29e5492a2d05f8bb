"""The ``dr-drill`` command itself: what its parts share, and what it says without one."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from drill.errors import DrillError
from drill.evidence.verdict import Verdict
from drill.policy import Policy, find, load
from drill.policy.problems import PolicyError
from drill.policy.source import problems

FAILED = 1
WRONG_INPUT = 2
PIPE_WIDTH = 160

EXIT_STATUS = {Verdict.PROVEN: 0, Verdict.DISPROVEN: FAILED, Verdict.UNPROVEN: 3}


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


def sound_policy(file: Path | None) -> Policy:
    """Return the policy that was named, or the nearest one, checked against its document.

    Raises:
        PolicyError: something in it cannot be.
    """
    loaded = load(file or find(Path.cwd()))
    if left := problems(loaded):
        raise PolicyError(left)
    return loaded


def reports_or_here(reports: Path | None) -> Path:
    """Return the reports that were named, or those beside the nearest policy.

    Raises:
        DrillError: that is no directory.
    """
    place = reports or find(Path.cwd()).parent / "reports"
    if not place.is_dir():
        raise DrillError(f"{place} is no directory", remedy="name the directory of reports")
    return place


def wide_console() -> Console:
    """Return standard output for tables; what is piped elsewhere is not cut to eighty columns."""
    console = Console()
    if not console.is_terminal:
        console.width = max(console.width, PIPE_WIDTH)
    return console


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

        dr-drill policy check  hold what is scheduled against what is promised

        dr-drill schedule      write the schedule for cron, systemd or Kubernetes

        dr-drill catalogue     list what a repository holds, and what of it does not hold

        dr-drill rehearse      back up a disposable estate with every procedure, to try the backups on

        dr-drill verify        restore the backups of a repository and judge what comes back

    Exit status 2 means that something given to the command is wrong; the message says what and how to put it right.
    """
