"""The ``dr-drill`` command, one module for each of its commands."""

from drill.cli import catalogue, policy, schedule, sweep
from drill.cli.application import app

__all__ = ["app", "catalogue", "policy", "schedule", "sweep"]
