"""What the commands share that start disposable servers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from drill.errors import DrillError
from drill.policy import Policy
from drill.progress import reported_to
from drill.runtimes import CHOICES, Runtime, resolve
from drill.runtimes.sweeping import sweep_where_possible

RuntimeChoice = Annotated[
    str | None,
    typer.Option(
        "--runtime",
        metavar="|".join(CHOICES),
        help="Where the disposable servers run; otherwise DR_DRILL_RUNTIME, or what the policy says.",
    ),
]

Workers = Annotated[int, typer.Option(min=1, help="How many restores run at once.")]


@contextmanager
def opened_runtime(policy: Policy, choice: str | None) -> Iterator[Runtime]:
    """Open the runtime that was asked for, say which, and remove all that it had when the block ends.

    Raises:
        DrillError: there is no such runtime, or it cannot run here.
    """
    asked = choice or os.environ.get("DR_DRILL_RUNTIME") or policy.runtime.default
    if asked not in CHOICES:
        raise DrillError(f"no runtime {asked!r}", remedy=f"choose one of {', '.join(CHOICES)}")
    sweep_where_possible()
    resolution = resolve(asked, dict(policy.runtime.images.items()))
    say(f"runtime: {resolution.name} ({resolution.reason})")
    runtime = resolution.open()
    try:
        with reported_to(say):
            yield runtime
    finally:
        runtime.close()


def say(text: str) -> None:
    """Tell about progress, on stderr."""
    typer.echo(text, err=True)
