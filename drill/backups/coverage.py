"""What of a host is kept, by which procedure, and what of it by nobody."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from drill.errors import DrillError
from drill.policy import Policy


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a host, and what the policy says of it.

    Attributes:
        path: seen from the host's root.
        kept_by: the procedures that have to keep it.
        left_out: whether ``[host] not_kept`` names it.
        there: whether the host has it.
    """

    path: str
    kept_by: tuple[str, ...]
    left_out: bool
    there: bool

    @property
    def of_nobody(self) -> bool:
        """Whether nobody keeps it, and nobody has decided so."""
        return not self.kept_by and not self.left_out


def coverage(root: Path, policy: Policy) -> list[Place]:
    """Return every place that the policy names, and those of the host that it does not, in the order of their paths.

    Args:
        root: of the host.
        policy: its procedures' ``covers``, and ``[host] not_kept``.

    Raises:
        DrillError: the root is no directory, or something below it cannot be looked at.
    """
    keepers: dict[str, list[str]] = defaultdict(list)
    for procedure in policy.procedures.values():
        for path in procedure.covers:
            keepers[path].append(procedure.name)
    named = keepers.keys() | set(policy.host.not_kept)
    places = [
        Place(path, tuple(keepers.get(path, ())), path in policy.host.not_kept, os.path.lexists(root / path))
        for path in named
    ]
    places += [Place(path, (), left_out=False, there=True) for path in uncovered(root, policy)]
    return sorted(places, key=lambda place: place.path)


def uncovered(root: Path, policy: Policy) -> list[str]:
    """Return the topmost places of a host that no procedure covers and the policy does not leave out on purpose.

    A directory of which a part is covered is looked into; one of which nothing is covered is one place.

    Args:
        root: of the host.
        policy: its procedures' ``covers``, and ``[host] not_kept``.

    Raises:
        DrillError: as ``coverage``.
    """
    if not root.is_dir():
        raise DrillError(f"{root} is no directory", remedy="name the root of a host, such as /")
    covered = {PurePosixPath(path) for each in policy.procedures.values() for path in each.covers}
    left_out = {PurePosixPath(path) for path in policy.host.not_kept}
    return sorted(_uncovered(root, PurePosixPath(), covered | left_out))


def _uncovered(root: Path, path: PurePosixPath, known: set[PurePosixPath]) -> Iterable[str]:
    for name, is_directory in _entries(root / path):
        place = path / name
        if place in known:
            continue
        if is_directory and any(each.is_relative_to(place) for each in known):
            yield from _uncovered(root, place, known)
        else:
            yield str(place)


def _entries(directory: Path) -> list[tuple[str, bool]]:
    """Return the names in a directory, and which of them are directories themselves; links are none."""
    try:
        with os.scandir(directory) as entries:
            return [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    except FileNotFoundError:
        return []  # it vanished, as directories of a live host do
    except OSError as error:
        raise DrillError(f"{directory}: {error.strerror}", remedy="look as a user who may read it") from error
