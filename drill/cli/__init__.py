"""The ``dr-drill`` command, one module for each of its commands."""

from drill.cli import (
    allure,
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
    runbook,
    sabotage,
    schedule,
    sweep,
    verify,
)
from drill.cli.application import app

__all__ = [
    "allure",
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
    "runbook",
    "sabotage",
    "schedule",
    "sweep",
    "verify",
]
