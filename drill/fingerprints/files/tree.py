"""The fingerprint of a tree of files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from drill.fingerprints.content import Census, Content
from drill.fingerprints.files.aspects import ASPECTS
from drill.fingerprints.files.entries import shown, unreadable, walk
from drill.fingerprints.files.hashing import Hashed, hashed
from drill.fingerprints.fingerprint import Fingerprint

ENGINE = "files"


def fingerprint(root: Path, scopes: Iterable[str]) -> Fingerprint:
    """Return what a tree of files holds below each of some scopes.

    Each aspect of an entry is counted by itself, so that a difference tells which one it is. Nothing outside the scopes
    is looked at, and links are not followed. Memory grows with the files that have several names, not with bytes.

    Args:
        root: of the tree.
        scopes: paths of directories or files, seen from the root; one that is not there is missing from the facts.

    Raises:
        FingerprintError: something cannot be read.
    """
    facts: dict[str, str] = {}
    contents: dict[str, Content] = {}
    for scope in scopes:
        counting = {aspect: Census() for aspect in ASPECTS}
        for batch in hashed(walk(root, scope)):
            for aspect, census in counting.items():
                census.add_all(_rows(aspect, batch), named=_named)
        held = {aspect: census.content for aspect, census in counting.items()}
        contents |= {f"{aspect} of {scope}": content for aspect, content in held.items() if content.rows}
        if os.path.lexists(root / scope):
            facts[f"scope {scope}"] = "there"
    return Fingerprint(engine=ENGINE, facts=facts, contents=contents)


def _rows(aspect: str, batch: Iterable[Hashed]) -> Iterator[tuple[tuple[bytes, str], int, int, None]]:
    tell = ASPECTS[aspect]
    for each in batch:
        path = each[0].path
        try:
            told = tell(each)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise unreadable(path, error) from error
        if told is not None:
            # The path alone decides whether an entry is sampled, so that both sides sample the same ones.
            draw = hashlib.blake2b(path, digest_size=8).digest()
            digest = hashlib.blake2b(path + b"\0" + told.encode(), digest_size=16).digest()
            yield (path, told), int.from_bytes(draw, "big"), int.from_bytes(digest, "big"), None


def _named(row: tuple[bytes, str]) -> str:
    path, told = row
    return f"{shown(path)}: {told}"
