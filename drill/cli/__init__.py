"""The ``dr-drill`` command, one module for each of its commands."""

from drill.cli import policy, schedule, sweep
from drill.cli.application import app

__all__ = ["app", "policy", "schedule", "sweep"]
