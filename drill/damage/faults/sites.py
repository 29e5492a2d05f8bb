"""Faults of copies at another site, done to its objects by who may do everything there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable

from drill.backups.catalogue import MANIFEST
from drill.damage.faults.caches import change_unchecked
from drill.damage.faults.fault import Fault, Injection, Scene
from drill.damage.files import largest
from drill.errors import DrillError
from drill.policy import Command
from drill.sites import Site

SITE = "site"
"""The kind of these faults: their victims are sent to another site, and fetched from it."""
COPY = frozenset({"COPY-REFUSED"})
HERE = ".here"
FETCH = frozenset({"FETCH-REFUSED"})


def _far(scene: Scene) -> Site:
    if scene.site is None:
        raise DrillError(f"{scene.set} was copied nowhere", remedy="try this fault at another site")
    return scene.site


def _key(scene: Scene, name: str) -> str:
    return f"{scene.set}/{scene.last.id}/{name}"


def _largest(scene: Scene) -> str:
    return _key(scene, str(largest(scene.last).relative_to(scene.last.directory)))


def _object(change: Callable[[bytes], bytes]) -> Injection:
    """Put something else in the place of the largest object."""
    return lambda scene: _far(scene).replace(_largest(scene), change(_far(scene).content(_largest(scene))))


def _flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 0b0001_0000]) + content[middle + 1 :]


def _swapped(scene: Scene) -> None:
    """Put what another object holds in the place of the largest one, as long as that was."""
    far, victim = _far(scene), _largest(scene)
    size = far.objects()[victim]
    other = min(far.objects().keys() - {victim})
    content = far.content(other)
    far.replace(victim, (content * (size // len(content) + 1))[:size])


def _manifest_of_another(scene: Scene) -> None:
    key = _key(scene, MANIFEST)
    stated = json.loads(_far(scene).content(key)) | {"id": "20260101T000000.000000Z-snapshot"}
    stated.pop("manifest_sha256", None)
    _far(scene).replace(key, json.dumps(stated).encode())


def _overtaken(scene: Scene) -> None:
    """Put newer versions in the place of all objects: one value is another, and the manifest fits it."""
    change_unchecked(scene)
    for file in (*scene.last.manifest.files, None):
        name = file.path if file else MANIFEST
        _far(scene).replace(_key(scene, name), (scene.last.directory / name).read_bytes())


def _kept_here(scene: Scene) -> None:
    """Have the command that fetches bring what it finds here, and nothing be at the site."""
    shutil.copytree(scene.home, scene.repository / HERE)
    script = f'cp -a "$BACKUP_REPOSITORY/{HERE}" "$BACKUP_REPOSITORY/$BACKUP_SET"; echo "{{}}"'
    scene.policy = scene.policy.with_offsite(fetch=Command(script, ("sh", "-c", script)))
    for key in sorted(_far(scene).objects()):
        _far(scene).hide(key)


FAULTS = tuple(
    Fault(name, SITE, what, inject, found, demanded=demanded)
    for name, what, inject, found, demanded in (
        ("SITE-OBJECT-CUT", "an object is half as long as it was", _object(lambda c: c[: len(c) // 2]), FETCH, COPY),
        ("SITE-OBJECT-BIT", "a bit of an object has flipped, and its size is right", _object(_flipped), FETCH, COPY),
        ("SITE-OBJECT-REMOVED", "somebody has removed an object", lambda s: _far(s).hide(_largest(s)), FETCH, COPY),
        (
            "SITE-OBJECT-SWAPPED",
            "an object holds what another one does, and is as long as it was",
            _swapped,
            FETCH,
            COPY,
        ),
        (
            "SITE-MANIFEST-REMOVED",
            "the manifest was removed, and every other object is there",
            lambda s: _far(s).hide(_key(s, MANIFEST)),
            FETCH,
            COPY,
        ),
        (
            "SITE-MANIFEST-OF-ANOTHER",
            "the manifest is that of another backup",
            _manifest_of_another,
            FETCH,
            COPY,
        ),
        (
            "SITE-NEVER-SENT",
            "what passes for the copy at the other site lies here, and nothing is there",
            _kept_here,
            COPY,
            frozenset(),
        ),
        (
            "SITE-OVERTAKEN",
            "an attacker has added a newer version of every object: a value is another, and the manifest fits",
            _overtaken,
            frozenset({"CONTENT-DIFFERS"}),
            frozenset(),
        ),
    )
)
