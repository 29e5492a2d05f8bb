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
    place = root / DEFINITION
    changed, found = re.subn(r"^ +image: .*\n", "", place.read_text("utf-8"), count=1, flags=re.MULTILINE)
    if not found:
        raise DrillError(f"{place} names no image", remedy="fit the damage to the definition")
    place.write_text(changed, "utf-8")
