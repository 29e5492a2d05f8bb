"""A fault that backups meet in the field, and the scene that it is injected into."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drill.backups import catalogue
from drill.backups.catalogue import MANIFEST, StoredBackup
from drill.damage.files import unshare
from drill.errors import DrillError
from drill.policy import Command, Policy
from drill.recoveries.moments import END
from drill.sites import Site
from drill.stores import Store


@dataclass(slots=True)
class Scene:
    """A copy of one set with its record, made for one fault.

    Attributes:
        repository: holds the copy.
        set: its name.
        policy: whose procedures will restore it; a fault may put another one in its place.
        source: the store that was backed up; it still runs and must not be changed.
        noted: the checksum of the record as it was.
        site: where its backups were copied to; None: nowhere.
    """

    repository: Path
    set: str
    policy: Policy
    source: Store
    noted: str
    site: Site | None = None

    @property
    def home(self) -> Path:
        """The directory of the set."""
        return self.repository / self.set

    @property
    def backups(self) -> list[StoredBackup]:
        """What is stored, the oldest first."""
        return catalogue.backups(self.home)

    @property
    def first(self) -> StoredBackup:
        """The oldest backup."""
        return self.backups[0]

    @property
    def last(self) -> StoredBackup:
        """The newest backup."""
        return self.backups[-1]

    def one(self, pattern: str, *, of: StoredBackup) -> Path:
        """Return the first file of a backup that fits a pattern, with bytes of its own.

        Raises:
            DrillError: there is none, so that this fault cannot befall this kind of backup.
        """
        found = sorted(path for path in of.directory.glob(pattern) if path.is_file())
        if not found:
            raise DrillError(f"{of.directory} has no {pattern}", remedy="this fault is not one of such backups")
        unshare(found[0])
        return found[0]

    def restore_with(self, change: Callable[[str], str]) -> None:
        """Have the procedure restore by another command line for a shell, made from its own."""
        name = self.source.procedure
        sound = self.policy.procedures[name]
        script = change(str(sound.restore))
        changed = sound.model_copy(update={"restore": Command(script, ("sh", "-c", script))})
        self.policy = self.policy.model_copy(update={"procedures": {**self.policy.procedures, name: changed}})


Injection = Callable[[Scene], object]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    Attributes:
        id: stable.
        kind: what it befalls, such as a dump or a snapshot (see ``drill.damage.victims``).
        field: what happens in the field.
        inject: does it to a scene.
        named_by: the findings that may name it; any other one has found something else.
        aim: which backup of the set is verified.
        moment: the moment that it is restored to.
        quick: whether it is one of those that every drill tries.
        demanded: the findings that have to be there as well, each of them.
        holds: a path, seen from the root of a host, that the victim has to keep; None: any set of this kind.
    """

    id: str
    kind: str
    field: str
    inject: Injection
    named_by: frozenset[str]
    aim: str = "last"
    moment: str = END
    quick: bool = False
    demanded: frozenset[str] = frozenset()
    holds: str | None = None


def then(script: str) -> Injection:
    """Have this done to what was restored, as a restore by hand or with other options does."""
    return lambda scene: scene.restore_with(lambda restore: f"{restore} && ({script}) >&2")


def restate(backup: StoredBackup, facts: Mapping[str, Any], *, sealed: bool = True) -> None:
    """Have a backup's manifest say something else; sealed, its own checksum no longer tells."""
    file = backup.directory / MANIFEST
    unshare(file)
    stated = json.loads(file.read_bytes()) | facts
    if sealed:
        stated.pop("manifest_sha256", None)
    file.write_text(json.dumps(stated), "utf-8")
