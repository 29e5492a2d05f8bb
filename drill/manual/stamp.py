"""From which policy and drill a manual was written, as it says itself: so one that is out of date is found."""

from __future__ import annotations

import re
from collections.abc import Iterator

from drill.manual.last_drill import LastDrill

NONE = "none"
_STAMP = re.compile(rb"policy (?P<policy>[0-9a-f]{64}), drill (?P<drill>[0-9A-Za-z-]+)")


def stamp(drill: LastDrill | None, *, sha256: str) -> str:
    """Return what is put on a manual: the policy's SHA-256, and the last drill that was proven."""
    return f"policy {sha256}, drill {drill.run if drill else NONE}"


def findings(manual: bytes, *, sha256: str, drill: LastDrill | None) -> Iterator[str]:
    """Yield why a manual that was written earlier is not to be followed any more.

    Args:
        manual: its bytes, as Markdown or PDF.
        sha256: of the policy as it is now.
        drill: the last one that was proven.
    """
    found = _STAMP.search(manual)
    if found is None:
        yield "it does not say from which policy and drill it was written"
        return
    if found["policy"].decode() != sha256:
        yield "the policy has changed since it was written"
    last, rests = (drill.run if drill else NONE), found["drill"].decode()
    if rests != last:
        yield f"it rests on the drill {rests}, and the last one that was proven is {last}"
