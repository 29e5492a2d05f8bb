"""Which scenarios prove which criterion, read from the tags of the feature files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from drill.features import scenarios

Proofs = Mapping[str, Sequence[str]]
"""For each tag, the scenarios that carry it: ``database/full_backup.feature: The server is lost``."""


def proofs(features: Path) -> Proofs:
    """Return the scenarios below a directory by their tags, the rows of an outline under their own names.

    Raises:
        DrillError: a file is no Gherkin.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for scenario in scenarios(features):
        for tag in scenario.tags:
            name = f"{scenario.file}: {scenario.name}"
            if name not in found[tag]:
                found[tag].append(name)
    return found
