"""Keeps secrets out of everything that is written down: whatever is concealed here is masked there."""

from __future__ import annotations

import json
from urllib.parse import quote, quote_plus

MASK = "•••"
SHORTEST = 6
_secrets: set[str] = set()


def conceal(secret: str) -> None:
    """Mask this string from now on, wherever ``redacted`` is applied; shorter than six characters is ignored.

    The forms that it takes in an address, in JSON and in Python's notation are masked too.
    """
    if len(secret) >= SHORTEST:
        escaped = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1]}
        _secrets.update({secret, quote(secret, safe=""), quote_plus(secret)}, escaped)


def redacted(text: str) -> str:
    """Return the text with every concealed string masked, the longest first."""
    for secret in _longest_first():
        text = text.replace(secret, MASK)
    return text


def redacted_bytes(stored: bytes) -> bytes:
    """Return the bytes with every concealed string masked, whatever else they hold."""
    for secret in _longest_first():
        stored = stored.replace(secret.encode(), MASK.encode())
    return stored


def _longest_first() -> list[str]:
    return sorted(_secrets, key=len, reverse=True)
