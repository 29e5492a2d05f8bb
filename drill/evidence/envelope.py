"""The DSSE envelope that a statement is kept in, signed or not."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from msgspec import DecodeError, Struct
from msgspec.json import Decoder

from drill.errors import DrillError

if TYPE_CHECKING:
    from securesystemslib.signer import CryptoSigner, SSlibKey

PAYLOAD_TYPE = "application/vnd.in-toto+json"
FETCH = "fetch it again from where a copy is kept"


class EvidenceError(DrillError):
    """A piece of evidence cannot be read as what it claims to be."""


class Signature(Enum):
    """What an envelope's signatures are worth."""

    NONE = auto()
    UNCHECKED = auto()
    FOREIGN = auto()
    FORGED = auto()
    VALID = auto()


class _Signed(Struct, frozen=True):
    keyid: str
    sig: bytes


class _Stored(Struct, frozen=True, rename={"payload_type": "payloadType"}):
    """An envelope's JSON; bytes are base64 there."""

    payload: bytes
    payload_type: str
    signatures: tuple[_Signed, ...]


_STORED = Decoder(_Stored)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload and its signatures, each by the id of its key."""

    payload: bytes
    signatures: Mapping[str, bytes]

    @property
    def sha256(self) -> str:
        """The payload's hash, by which the next statement knows this one."""
        return hashlib.sha256(self.payload).hexdigest()

    def judged(self, keys: Sequence[SSlibKey]) -> Signature:
        """Return what the signatures are worth to whoever holds these public keys.

        One valid signature is enough; one that claims a known key and is not that key's is a forgery whatever else
        there is.
        """
        if not self.signatures:
            return Signature.NONE
        if not keys:
            return Signature.UNCHECKED
        known = [key for key in keys if key.keyid in self.signatures]
        if not known:
            return Signature.FOREIGN
        return Signature.VALID if all(self._is_by(key) for key in known) else Signature.FORGED

    def _is_by(self, key: SSlibKey) -> bool:
        from securesystemslib import dsse
        from securesystemslib.exceptions import UnverifiedSignatureError, VerificationError
        from securesystemslib.signer import Signature as Signed

        signed = Signed(key.keyid, self.signatures[key.keyid].hex())
        try:
            dsse.Envelope(self.payload, PAYLOAD_TYPE, {key.keyid: signed}).verify([key], 1)
        except (UnverifiedSignatureError, VerificationError):
            return False
        return True


def wrapped(payload: bytes, signer: CryptoSigner | None) -> str:
    """Return the envelope as it is stored; without a signer its list of signatures is empty."""
    signatures = []
    if signer is not None:
        from securesystemslib import dsse

        envelope = dsse.Envelope(payload, PAYLOAD_TYPE, {})
        envelope.sign(signer)
        signatures = envelope.to_dict()["signatures"]
    stored = {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": PAYLOAD_TYPE,
        "signatures": signatures,
    }
    return json.dumps(stored, indent=1) + "\n"


def opened(stored: bytes) -> Envelope:
    """Return the envelope that was stored.

    Raises:
        EvidenceError: it is none, or holds something else than a statement.
    """
    try:
        envelope = _STORED.decode(stored)
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise EvidenceError(f"is no DSSE envelope ({error!r})", remedy=FETCH) from error
    signatures = {each.keyid: each.sig for each in envelope.signatures}
    if envelope.payload_type != PAYLOAD_TYPE or len(signatures) != len(envelope.signatures):
        raise EvidenceError(f"is no envelope of a statement ({envelope.payload_type!r})", remedy=FETCH)
    return Envelope(envelope.payload, signatures)
