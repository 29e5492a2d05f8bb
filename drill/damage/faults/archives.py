"""Faults of archives of files: of what is stored, and of what was put into it."""

from __future__ import annotations

from drill.damage.archives import add_trick, empty
from drill.damage.faults.dumps import BY_RESTORING, OF_THE_RESTORED, READ, damaged, instead, unsealed
from drill.damage.faults.fault import Fault, Injection
from drill.damage.victims import ARCHIVE

REFUSED = frozenset({"RESTORE-REFUSED"})


def _tricked(trick: str) -> Injection:
    return lambda scene: add_trick(scene.last, trick, outside=scene.repository / "outside")


def _stored() -> tuple[Fault, ...]:
    said = (
        ("ARCHIVE-CUT", "the disk was full, or the copy killed, half way", damaged("cut off half way"), READ),
        ("ARCHIVE-BIT", "a bit has flipped on the disk", damaged("altered by one bit"), READ),
        ("ARCHIVE-LOST", "a clean-up has removed a file of it", damaged("robbed of a file"), READ),
        (
            "ARCHIVE-CUT-AT-ONCE",
            "tar was killed, and the rest is plausible",
            unsealed("cut off half way"),
            BY_RESTORING,
        ),
        (
            "ARCHIVE-ZEROED-AT-ONCE",
            "a power failure left zeros in it",
            unsealed("filled with zeros from the middle on"),
            BY_RESTORING,
        ),
        (
            "ARCHIVE-EMPTY",
            "tar failed in a pipe, and nothing was packed, validly",
            lambda s: empty(s.last),
            BY_RESTORING,
        ),
        ("ARCHIVE-ABSOLUTE", "somebody's archive names an absolute place", _tricked("name an absolute place"), REFUSED),
        ("ARCHIVE-CLIMBING", "somebody's archive climbs out", _tricked("climb out of its target"), REFUSED),
        ("ARCHIVE-LINKED-OUT", "a link in it leads out, and a file", _tricked("lead out through a link"), REFUSED),
        (
            "FILES-NONE",
            "the restore says that all is well and has done nothing",
            instead("echo '{}'"),
            OF_THE_RESTORED,
        ),
    )
    return tuple(Fault(name, ARCHIVE, what, inject, found) for name, what, inject, found in said)


FAULTS = _stored()
