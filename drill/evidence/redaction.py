"""Keeps secrets out of everything that is written down: whatever is concealed here is masked there."""

from __future__ import annotations

MASK = "•••"
SHORTEST = 6
_secrets: set[str] = set()


def conceal(secret: str) -> None:
    """Mask this string from now on, wherever ``redacted`` is applied; shorter than six characters is ignored."""
    if len(secret) >= SHORTEST:
        _secrets.add(secret)


def redacted(text: str) -> str:
    """Return the text with every concealed string masked, the longest first."""
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text
