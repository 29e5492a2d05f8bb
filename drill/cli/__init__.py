"""The ``dr-drill`` command, one module for each of its commands, loaded when it is called."""

from drill.cli.application import app

__all__ = ["app"]
