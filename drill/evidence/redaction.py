"""Keeps secrets out of everything that is written down: whatever is concealed here is masked there."""

from __future__ import annotations

import json
import re
from urllib.parse import quote, quote_plus

MASK = "•••"
SHORTEST = 6
SHORTEST_REMAINDER = 3
_secrets: dict[str, re.Pattern[str]] = {}


def conceal(secret: str) -> None:
    """Mask this string from now on, wherever ``redacted`` is applied; shorter than six characters is ignored.

    The forms that it takes in an address, in JSON and in Python's notation are masked too, and what is left of it
    where a message was cut short with dots, as pytest does with long values.
    """
    if len(secret) >= SHORTEST:
        escaped = (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1])
        for form in (secret, quote(secret, safe=""), quote_plus(secret), *escaped):
            _secrets[form] = _cut_short(form)


def redacted(text: str) -> str:
    """Return the text with every concealed string masked, the longest first."""
    for secret in _longest_first():
        text = text.replace(secret, MASK)
    if "..." in text:
        for secret in _longest_first():
            text = _secrets[secret].sub(MASK, text)
    return text


def redacted_bytes(stored: bytes) -> bytes:
    """Return the bytes with every concealed string masked, whatever else they hold."""
    for secret in _longest_first():
        stored = stored.replace(secret.encode(), MASK.encode())
    return stored


def _longest_first() -> list[str]:
    return sorted(_secrets, key=len, reverse=True)


def _cut_short(secret: str) -> re.Pattern[str]:
    """Match the secret's beginning before three dots and its end after them; the dots stay."""
    lengths = range(len(secret) - 1, SHORTEST_REMAINDER - 1, -1)
    beginnings = "|".join(re.escape(secret[:length]) for length in lengths)
    ends = "|".join(re.escape(secret[-length:]) for length in lengths)
    return re.compile(rf"(?:{beginnings})(?=\.\.\.)|(?<=\.\.\.)(?:{ends})")
