"""What befalls the definition of an application's containers before it is backed up."""

from __future__ import annotations

import re
from pathlib import Path

from drill.errors import DrillError

DEFINITION = "srv/counting/docker-compose.yml"


def remove_image(root: Path) -> None:
    """Take the image of a service out of a host's definition, so that nothing can be made of it.

    Raises:
        DrillError: it names none.
    """
    _put_for_image(root, "")


def misuse_password(root: Path) -> None:
    """Have a host's definition take the password for a number of processors: a tool quotes what is no number.

    Raises:
        DrillError: it names no image.
    """
    _put_for_image(root, r"\g<0>    cpus: '${DB_PASSWORD}'\n")


def _put_for_image(root: Path, instead: str) -> None:
    place = root / DEFINITION
    changed, found = re.subn(r"^ +image: .*\n", instead, place.read_text("utf-8"), count=1, flags=re.MULTILINE)
    if not found:
        raise DrillError(f"{place} names no image", remedy="fit the damage to the definition")
    place.write_text(changed, "utf-8")
