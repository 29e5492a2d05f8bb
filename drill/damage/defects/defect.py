"""A defect that backup scripts have in the field: how ours are edited to have it, and which scenario has to notice."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from drill.errors import DrillError


@dataclass(frozen=True, slots=True)
class Edit:
    """One change: a text that stands once in a file becomes another one.

    Attributes:
        file: its path, seen from the directory of the scripts.
        old: what stands there.
        new: what stands there instead.
    """

    file: str
    old: str
    new: str

    def apply(self, scripts: Path) -> None:
        """Change the file.

        Raises:
            DrillError: the text does not stand there exactly once, so that nobody knows what the edit would do.
        """
        place = scripts / self.file
        text = place.read_text("utf-8") if place.is_file() else ""
        if (found := text.count(self.old)) != 1:
            raise DrillError(
                f"{place} has {found} times, not once: {self.old!r}", remedy="fit the edit to the script as it is now"
            )
        place.write_text(text.replace(self.old, self.new), "utf-8")


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario, with all rows where it is an outline.

    Attributes:
        feature: the path of its file below ``features``, without the ending.
        name: as it is written.
    """

    feature: str
    name: str

    @property
    def node(self) -> str:
        """What pytest calls it, seen from the directory of ``features``."""
        word = re.sub(r"\W", "", self.name.replace(" ", "_"))
        return f"features/{self.feature}.feature::test_{re.sub(r'^[0-9]+_*', '', word).lower()}"


@dataclass(frozen=True, slots=True)
class Defect:
    """One defect.

    Attributes:
        id: stable.
        field: what the script does in the field.
        scenario: must be disproven where the scripts have the defect.
        edits: what gives it to them.
    """

    id: str
    field: str
    scenario: Scenario
    edits: tuple[Edit, ...]

    def put_into(self, scripts: Path) -> None:
        """Give a copy of the scripts the defect.

        Raises:
            DrillError: an edit does not fit them.
        """
        for edit in self.edits:
            edit.apply(scripts)


@dataclass(frozen=True, slots=True)
class Unnoticed:
    """A defect that no scenario can notice: what the script does, and why nothing sees it."""

    id: str
    field: str
    why: str
