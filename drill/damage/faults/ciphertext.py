"""Faults of encrypted backups: of the key that opens them, of the ciphertext, and of what was to be encrypted."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

from drill.damage.faults.fault import Fault, Injection, Scene, restate
from drill.damage.files import largest, unshare
from drill.damage.keys import damage_key
from drill.damage.unsealed import damage_unsealed, seal
from drill.errors import DrillError
from drill.policy import Encryption
from drill.secrecy.encryption import decrypt, encrypt, make_key, unencrypted

CIPHERTEXT = "ciphertext"
"""The kind of these faults: their victims have to be backed up encrypted."""
REFUSED = frozenset({"RESTORE-REFUSED"})
LEGIBLE = frozenset({"UNENCRYPTED"})
SUFFIX = ".age"


def _encryption(scene: Scene) -> Encryption:
    if scene.policy.encryption is None:
        raise DrillError("the backups are not encrypted", remedy="try faults of ciphertext on encrypted backups")
    return scene.policy.encryption


def _key(scene: Scene) -> Path:
    return scene.policy.directory / _encryption(scene).identity_file


def _with_own_key(scene: Scene) -> Path:
    """Give the scene a copy of the key, to be damaged."""
    own = scene.repository.with_name(f"{scene.repository.name}.key")
    shutil.copy2(_key(scene), own)
    encryption = _encryption(scene).model_copy(update={"identity_file": own})
    scene.policy = scene.policy.model_copy(update={"encryption": encryption})
    return own


def _key_damaged(kind: str) -> Injection:
    def inject(scene: Scene) -> None:
        _with_own_key(scene)
        damage_key(scene.policy, kind)

    return inject


def _key_unnamed(scene: Scene) -> None:
    scene.policy = unencrypted(scene.policy)


def _key_beside(scene: Scene) -> None:
    shutil.copy2(_key(scene), scene.repository / "backup.key")


def _content(change: Callable[[Scene, bytes], bytes]) -> Injection:
    """Have the largest file hold something else, and the manifest tell of that."""

    def inject(scene: Scene) -> None:
        file = largest(scene.last)
        unshare(file)
        file.write_bytes(change(scene, file.read_bytes()))
        seal(scene.last.directory)

    return inject


def _to_another(scene: Scene, stored: bytes) -> bytes:
    forgotten = scene.repository.with_name(f"{scene.repository.name}.forgotten")
    recipient = make_key(forgotten)
    forgotten.unlink()
    return encrypt(decrypt(stored, identity_file=_key(scene)), recipient=recipient)


def _of_nothing(scene: Scene, _stored: bytes) -> bytes:
    return encrypt(b"", recipient=_encryption(scene).recipient)


def _in_plain(scene: Scene) -> None:
    """Store everything as it is, under plain names, with a manifest that says so."""
    backup, files = scene.last, []
    for file in backup.manifest.files:
        stored = backup.directory / file.path
        plain = decrypt(stored.read_bytes(), identity_file=_key(scene))
        stored.unlink()
        name = file.path.removesuffix(SUFFIX)
        (backup.directory / name).write_bytes(plain)
        (backup.directory / name).chmod(0o600)
        files.append({"path": name, "size": len(plain), "sha256": hashlib.sha256(plain).hexdigest()})
    total = sum(int(str(file["size"])) for file in files)
    restate(backup, {"files": files, "stored_bytes": total, "encryption": None})


def _unsealed(kind: str) -> Injection:
    return lambda scene: damage_unsealed(scene.last, kind)


_SAID: tuple[tuple[str, str, Injection, frozenset[str]], ...] = (
    ("KEY-LOST", "the key was on the disk that is lost", _key_damaged("lost"), REFUSED),
    ("KEY-WRONG", "another key than the right one was shipped", _key_damaged("replaced by another one"), REFUSED),
    ("KEY-OPEN", "everybody can read the key", _key_damaged("left where others can read it"), REFUSED),
    ("KEY-UNNAMED", "nobody has told the restore where the key is", _key_unnamed, REFUSED),
    (
        "KEY-BESIDE",
        "the key lies in the repository: who finds the one has the other",
        _key_beside,
        frozenset({"KEY-BESIDE"}),
    ),
    (
        "KEY-ROTATED",
        "it was encrypted to a key that has been replaced since and is nowhere",
        _content(_to_another),
        REFUSED,
    ),
    (
        "CIPHERTEXT-OF-NOTHING",
        "the dump failed, and nothing was encrypted in its place",
        _content(_of_nothing),
        REFUSED,
    ),
    ("CIPHERTEXT-CUT", "it was cut off before its checksums were taken", _unsealed("cut off half way"), REFUSED),
    ("CIPHERTEXT-BIT", "a bit was altered before its checksums were taken", _unsealed("altered by one bit"), REFUSED),
    (
        "PLAIN-UNDER-ITS-NAME",
        "the program that encrypts has failed, and the plaintext has the name of the ciphertext",
        _content(lambda scene, stored: decrypt(stored, identity_file=_key(scene))),
        REFUSED | LEGIBLE,
    ),
    ("PLAIN", "the job has lost its recipient, and stores everything as it is", _in_plain, LEGIBLE),
)
FAULTS = tuple(Fault(name, CIPHERTEXT, what, inject, found) for name, what, inject, found in _SAID)
