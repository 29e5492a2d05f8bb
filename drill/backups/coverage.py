"""What of a host is kept by nobody: the places that no procedure of the policy has to keep."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from drill.policy import Policy


def uncovered(root: Path, policy: Policy) -> list[str]:
    """Return the topmost places of a host that no procedure covers and the policy does not leave out on purpose.

    A directory of which a part is covered is looked into; one of which nothing is covered is one place.

    Args:
        root: of the host.
        policy: its procedures' ``covers``, and ``[host] not_kept``.
    """
    covered = {PurePosixPath(path) for each in policy.procedures.values() for path in each.covers}
    left_out = {PurePosixPath(path) for path in policy.host.not_kept}
    return sorted(_uncovered(root, PurePosixPath(), covered | left_out))


def _uncovered(root: Path, path: PurePosixPath, known: set[PurePosixPath]) -> Iterable[str]:
    for entry in (root / path).iterdir():
        place = path / entry.name
        if place in known:
            continue
        if entry.is_dir() and not entry.is_symlink() and any(each.is_relative_to(place) for each in known):
            yield from _uncovered(root, place, known)
        else:
            yield str(place)
