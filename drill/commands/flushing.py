"""Whether what a backup's commands called done was on the disk by then, from what they were made to write down.

No power fails in a drill: what was written stays in the kernel's memory, and everybody reads it from there. So not the
loss is looked for, but what would bring it about: a name that is given to something that was not flushed yet, or that
is itself not flushed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from drill.errors import DrillError

RECORDER = Path(__file__).with_name("recorder")


def variables(repository: Path, *, lost: bool = False) -> Mapping[str, str]:
    """Return what has Python commands write down what they flush; ``lost`` has them flush nothing."""
    recording = {"PYTHONPATH": str(RECORDER), "DR_DRILL_FLUSHES": str(_record(repository))}
    return recording | ({"DR_DRILL_FLUSHES_LOST": "1"} if lost else {})


def findings(repository: Path) -> list[str]:
    """Return what got its name in a repository before it was on the disk, and which names were not.

    Raises:
        DrillError: nothing was written down of any name there, so that nothing can be told.
    """
    file = _record(repository)
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    events = [json.loads(line) for line in lines]
    if not any(_is_named_in(event, repository) for event in events):
        raise DrillError(
            f"nothing was written down of what got its name in {repository}",
            remedy="only Python programs can be watched that may read PYTHONPATH and rename what they have written",
        )
    return list(_findings(events, repository))


def _findings(events: Sequence[Mapping[str, Any]], repository: Path) -> Iterator[str]:
    for number, event in enumerate(events):
        if _is_named_in(event, repository):
            yield from (f"{place} was not flushed before it became {event['to']}" for place in event["unflushed"])
            place = str(Path(event["to"]).parent)
            if not any(later.get("flushed") == place for later in events[number:]):
                yield f"the name {event['to']} was not flushed"


def _is_named_in(event: Mapping[str, Any], repository: Path) -> bool:
    return "to" in event and Path(event["to"]).is_relative_to(repository)


def _record(repository: Path) -> Path:
    return repository.with_name(f"{repository.name}.flushes")
