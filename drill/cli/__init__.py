"""The ``dr-drill`` command: every subcommand, listed once; one module holds each."""

from __future__ import annotations

from drill.cli import policy, sweep
from drill.cli.application import app

app.command("policy")(policy.show)
app.command("sweep")(sweep.sweep)

__all__ = ["app"]
