"""The ``dr-drill`` command: every subcommand, listed once; one module holds each."""

from __future__ import annotations

from drill.cli import evidence, gate, history, keys, log, policy, sweep
from drill.cli.application import app

app.command("policy")(policy.show)
app.command("sweep")(sweep.sweep)
app.command("gate")(gate.gate)
app.command("log")(log.log)
app.add_typer(history.history, name="history")
app.add_typer(evidence.evidence, name="evidence")
app.add_typer(keys.keys, name="keys")

__all__ = ["app"]
