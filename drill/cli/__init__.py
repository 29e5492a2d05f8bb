"""The ``dr-drill`` command, one module for each of its commands."""

from drill.cli import evidence, gate, history, keys, log, policy, sweep
from drill.cli.application import app

__all__ = ["app", "evidence", "gate", "history", "keys", "log", "policy", "sweep"]
