"""The ``dr-drill`` command, one module for each of its commands."""

from drill.cli import (
    catalogue,
    evidence,
    gate,
    history,
    keys,
    log,
    policy,
    project,
    rehearse,
    report,
    schedule,
    sweep,
    verify,
)
from drill.cli.application import app

__all__ = [
    "app",
    "catalogue",
    "evidence",
    "gate",
    "history",
    "keys",
    "log",
    "policy",
    "project",
    "rehearse",
    "report",
    "schedule",
    "sweep",
    "verify",
]
