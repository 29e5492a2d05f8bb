"""The ``dr-drill`` command."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from drill.errors import DrillError
from drill.policy import find, load
from drill.policy.problems import PolicyError
from drill.policy.proofs import proofs
from drill.policy.register import as_json, entries, table
from drill.policy.source import problems
from drill.runtimes.sweeping import sweep_where_possible

WRONG_INPUT = 2
PIPE_WIDTH = 160


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

    Exit status 2 means that something given to the command is wrong; the message says what and how to put it right.
    """


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


@app.command()
def policy(
    *,
    file: PolicyFile = None,
    as_data: Annotated[bool, typer.Option("--json", help="Write the register as JSON.")] = False,
) -> None:
    """Check policy.toml and print its register: every promise, its objective, source heading, controls and evidence.

    The file is checked whole, and against the document that it stems from: unknown keys, units that are none, ids
    given twice, references that lead nowhere, and promises of the document that nothing speaks for.
    All problems are told at once.
    """
    loaded = load(file or find(Path.cwd()))
    if left := problems(loaded):
        raise PolicyError(left)
    register = entries(loaded, proofs(loaded.directory / "features"), today=datetime.now(UTC).astimezone().date())
    if as_data:
        typer.echo(json.dumps(as_json(loaded, register), ensure_ascii=False, indent=2))
        return
    console = Console()
    if not console.is_terminal:
        console.width = max(console.width, PIPE_WIDTH)
    console.print(table(loaded, register, width=console.width))
