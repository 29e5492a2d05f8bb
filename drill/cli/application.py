"""The ``dr-drill`` command itself: what its parts share, and what it says without one."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from drill.ending import ended_in_order
from drill.errors import DrillError
from drill.evidence.verdict import Verdict
from drill.policy import Policy, find, load
from drill.policy.problems import PolicyError
from drill.policy.source import problems

COMMANDS = (
    "allure",
    "catalogue",
    "defects",
    "evidence",
    "gate",
    "history",
    "index",
    "keys",
    "log",
    "notify",
    "policy",
    "project",
    "rehearse",
    "report",
    "runbook",
    "sabotage",
    "schedule",
    "storage",
    "sweep",
    "verify",
)
"""Each is a module of this package, and adds itself to the application."""
FAILED = 1
WRONG_INPUT = 2
PIPE_WIDTH = 160

EXIT_STATUS = {Verdict.PROVEN: 0, Verdict.DISPROVEN: FAILED, Verdict.UNPROVEN: 3}


class FriendlyGroup(TyperGroup):
    """Commands whose errors are a line for a person, never a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; an error raised on purpose goes to stderr, and the exit status is 2.

        Told to end, it clears up and ends with 130, whatever told it: Ctrl-C, SIGTERM or SIGHUP.
        """
        try:
            with ended_in_order():
                return super().invoke(ctx)
        except DrillError as error:
            typer.echo(f"error: {error}", err=True)
            raise typer.Exit(WRONG_INPUT) from error


class LazyGroup(FriendlyGroup):
    """Commands whose modules are loaded when they are called: most need little of what all of them need together."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all commands."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Load the command of that name; None where there is none."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        import_module(f"drill.cli.{cmd_name}")
        return typer.main.get_group(app).commands[cmd_name]


app = typer.Typer(
    name="dr-drill",
    cls=LazyGroup,
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
    typer.Option(
        "--reports",
        metavar="DIR",
        envvar="DR_DRILL_REPORTS",
        help="The reports; otherwise those beside the nearest policy.toml.",
    ),
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
    from importlib.metadata import PackageNotFoundError, version

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

    Exit status 2 means that something given to the command is wrong; the message says what and how to put it right.
    """
