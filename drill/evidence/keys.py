"""The pair of Ed25519 keys that evidence is signed and verified with."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drill.errors import DrillError

if TYPE_CHECKING:
    from securesystemslib.signer import CryptoSigner, SSlibKey

VARIABLE = "DR_DRILL_SIGNING_KEY"
PRIVATE_NAME = "dr-drill-signing.pem"
PUBLIC_NAME = "dr-drill-signing.pub.pem"


@dataclass(frozen=True, slots=True)
class KeyPair:
    """Where a new pair of keys lies, and the id by which signatures name it."""

    private: Path
    public: Path
    identifier: str


def create(directory: Path) -> KeyPair:
    """Make a pair of keys in a directory, which is made too; the private one is for its owner's eyes only.

    Raises:
        DrillError: the directory belongs to a git checkout, holds keys already or cannot be written to.
    """
    _require_library()
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from securesystemslib.signer import SSlibKey

    if checkout := _checkout_around(directory):
        raise DrillError(
            f"{directory} lies in the checkout {checkout}; a key that is committed signs for everybody",
            remedy="name a directory outside of it",
        )
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    pair = KeyPair(directory / PRIVATE_NAME, directory / PUBLIC_NAME, SSlibKey.from_crypto(key.public_key()).keyid)
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if taken := [path for path in (pair.private, pair.public) if os.path.lexists(path)]:
            raise DrillError(
                f"{taken[0]} is there already",
                remedy="name another directory; keys are never overwritten",
            )
        _write_new(pair.private, private, mode=0o600)
        _write_new(pair.public, public, mode=0o644)
    except OSError as error:
        raise DrillError(
            f"keys cannot be written: {error.filename}: {error.strerror}", remedy="name a directory of your own"
        ) from error
    return pair


def signer_from(environment: Mapping[str, str]) -> CryptoSigner | None:
    """Return what signs with the key that ``DR_DRILL_SIGNING_KEY`` names; None where it names none.

    Raises:
        DrillError: the file is no Ed25519 key, or others than its owner may read it.
    """
    named = environment.get(VARIABLE)
    if not named:
        return None
    _require_library()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from securesystemslib.signer import CryptoSigner

    path = Path(named)
    pem = _read(path)
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise DrillError(
            f"{VARIABLE}: {path} can be read by others than its owner",
            remedy=f"chmod 600 {path}; if others had access, make new keys with dr-drill keys new",
        )
    key = _parsed(path, lambda: load_pem_private_key(pem, password=None), Ed25519PrivateKey)
    return CryptoSigner(key)


def public_key(path: Path) -> SSlibKey:
    """Return the public key that a PEM file holds.

    Raises:
        DrillError: it holds no Ed25519 public key.
    """
    _require_library()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key
    from securesystemslib.signer import SSlibKey

    pem = _read(path)
    return SSlibKey.from_crypto(_parsed(path, lambda: load_pem_public_key(pem), Ed25519PublicKey))


def _require_library() -> None:
    try:
        import cryptography
        import securesystemslib  # noqa: F401

        del cryptography
    except ImportError as error:
        raise DrillError(
            f"signatures need a library that is not installed ({error.name})",
            remedy="pip install 'dr-drill[evidence]'",
        ) from error


def _parsed(path: Path, load: Any, kind: type[Any]) -> Any:
    try:
        key = load()
    except (ValueError, TypeError) as error:
        raise DrillError(
            f"{path} holds no key that can be read ({error})", remedy="make a pair with dr-drill keys new"
        ) from error
    if not isinstance(key, kind):
        raise DrillError(f"{path} holds no Ed25519 key", remedy="make a pair with dr-drill keys new")
    return key


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DrillError(f"{path} cannot be read: {error.strerror}", remedy="name the key's file") from error


def _write_new(path: Path, content: bytes, *, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, mode)
        file.write(content)


def _checkout_around(directory: Path) -> Path | None:
    place = directory.resolve()
    return next((above for above in (place, *place.parents) if (above / ".git").exists()), None)
