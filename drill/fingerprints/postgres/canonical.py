"""Definitions as they read after a dump and a restore.

The server writes some expressions in one way when they were typed in and in another when they were read back from a
dump, although they are the same: ``state IN ('on', 'off')`` over a varchar is kept as a cast of the whole list, which
comes back as a list of casts.
"""

from __future__ import annotations

import re

_LIST = "(ARRAY["
_CAST = re.compile(r"\)::([^()\[\],:]+(?:\(\d+\))?)\[\]")
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")


def canonical(definition: str) -> str:
    """Return the definition as a dump would write it after having been restored."""
    return _with_single_casts(definition).replace("( VALUES ", "(VALUES ")


def _with_single_casts(text: str) -> str:
    """Turn each ``(ARRAY[a, b])::text[]`` into ``ARRAY[(a)::text, (b)::text]``."""
    done, position = [], 0
    while (start := text.find(_LIST, position)) >= 0:
        inside = start + len(_LIST)
        items, end = _items(text, inside)
        cast = _CAST.match(text, end + 1)
        done.append(text[position:start])
        if cast is None or any(item.startswith("ARRAY[") for item in items):
            done.append(_LIST)
            position = inside
        else:
            casts = ", ".join(f"({_with_single_casts(item)})::{cast[1]}" for item in items)
            done.append(f"ARRAY[{casts}]")
            position = cast.end()
    return "".join([*done, text[position:]])


def _items(text: str, position: int) -> tuple[list[str], int]:
    """Return the items of the list that is open at a position, and where its bracket closes."""
    items, depth, begin = [], 0, position
    while position < len(text):
        character = text[position]
        quoted = _QUOTED.match(text, position)
        if quoted:
            position = quoted.end()
            continue
        if depth == 0 and character in ",]":
            items.append(text[begin:position].strip())
            begin = position + 1
            if character == "]":
                break
        depth += (character in "([") - (character in ")]")
        position += 1
    return items, position
