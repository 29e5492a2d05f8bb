"""Faults of archives of files, and of how they are unpacked."""

from __future__ import annotations

from drill.damage.faults.dumps import DIFFERENT, NOT_RESTORED, READ, damaged, instead, unsealed
from drill.damage.faults.fault import Fault, Injection

FOUND = READ | DIFFERENT | NOT_RESTORED
ONE = 'f=$(find "$RESTORE_TARGET" -type f -size +0 | sort | head -n 1)'


def _then(script: str) -> Injection:
    """Have this done to the restored files, as a restore with other options does."""
    return lambda scene: scene.restore_with(lambda restore: f"{restore} && ({script}) >&2")


def _stored() -> tuple[Fault, ...]:
    said = (
        ("ARCHIVE-CUT", "the disk was full, or the copy killed, half way", damaged("cut off half way")),
        ("ARCHIVE-BIT", "a bit has flipped on the disk", damaged("altered by one bit")),
        ("ARCHIVE-LOST", "a clean-up has removed a file of it", damaged("robbed of a file")),
        ("ARCHIVE-CUT-AT-ONCE", "tar was killed, and the rest is plausible", unsealed("cut off half way")),
        (
            "ARCHIVE-ZEROED-AT-ONCE",
            "a power failure left zeros in it",
            unsealed("filled with zeros from the middle on"),
        ),
    )
    return tuple(Fault(name, "archive", what, inject, FOUND) for name, what, inject in said)


def _restored() -> tuple[Fault, ...]:
    said = (
        ("FILE-LEFT-OUT", "an exclude leaves a file out", f'{ONE}; rm "$f"'),
        ("FILE-CHANGED", "a file was read while it was written to", f'{ONE}; printf x >> "$f"'),
        ("FILE-RIGHTS-LOST", "modes were not restored", f'{ONE}; chmod 0601 "$f"'),
        ("FILE-TIMES-LOST", "times were not restored", f'{ONE}; touch "$f"'),
        ("FILE-ADDED", "the target held something before", f'{ONE}; touch "$(dirname "$f")"/left-over'),
        (
            "FILE-LINK-FOLLOWED",
            "links came back as what they lead to",
            'f=$(find "$RESTORE_TARGET" -type l | sort | head -n 1); rm "$f" && echo copied > "$f"',
        ),
    )
    return (
        *(Fault(name, "archive", what, _then(script), FOUND) for name, what, script in said),
        Fault(
            "FILES-NONE",
            "archive",
            "the restore says that all is well and has done nothing",
            instead("echo '{}'"),
            DIFFERENT | NOT_RESTORED,
        ),
    )


FAULTS = (*_stored(), *_restored())
