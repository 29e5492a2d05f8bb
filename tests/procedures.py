"""Policies whose commands a test chooses, and the runbooks that run them."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from drill.commands.runbook import Runbook
from drill.evidence.journal import Journal
from drill.policy import Command, Policy, load

SHIPPED = load(Path(__file__).parent.parent / "policy.toml")
COMMANDS = ("backup", "restore", "prune")
TELL_ENVIRONMENT = shlex.join([sys.executable, "-c", "import json, os; print(json.dumps(dict(os.environ)))"])
"""A command whose result is the environment that it was given."""


@dataclass(frozen=True)
class Target:
    """What a command is told of a store, without the store."""

    variables: Mapping[str, str] = field(default_factory=dict)
    procedure: str = "redis"

    def environment(self) -> Mapping[str, str]:
        return self.variables


def with_gap(policy: Policy, identifier: str) -> Policy:
    """The policy as if nothing proved one of its criteria yet."""
    criteria = [
        each.model_copy(update={"decided_by": None, "gap": "not drilled yet"}) if each.id == identifier else each
        for each in policy.criteria
    ]
    return policy.model_copy(update={"criteria": tuple(criteria)})


def policy_with(**facts: object) -> Policy:
    """The shipped policy with other facts in [procedures.redis]; commands are given as text."""
    changes = {name: Command.parse(value) if name in COMMANDS else value for name, value in facts.items()}
    changed = SHIPPED.procedures["redis"].model_copy(update=changes)
    return SHIPPED.model_copy(update={"procedures": {"redis": changed}})


def runbook_with(directory: Path, **facts: object) -> Runbook:
    """A runbook of such a policy; its repository lies below the directory, where its commands start."""
    repository = directory / "repository"
    repository.mkdir(exist_ok=True)
    return Runbook(policy_with(**facts), repository=repository, directory=directory, journal=Journal())


def script(path: Path, text: str) -> str:
    """Write an executable shell script and return its command line."""
    path.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    path.chmod(0o755)
    return shlex.quote(str(path))


def saying(result: object = None, *, diagnostics: str = "", status: int = 0) -> str:
    """A command line that says this and ends so."""
    lines = [f"printf '%s' {shlex.quote(diagnostics)} >&2"]
    if result is not None:
        lines.append(f"printf '%s\\n' {shlex.quote(json.dumps(result))}")
    return shlex.join(["sh", "-c", "; ".join([*lines, f"exit {status}"])])
