"""More than a host of the drill holds by itself: very many small files, and one that is very large and mostly holes."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from drill.datasets.host.planting import Planting

IMAGE = "home/an/máy ảo.img"
MANY = "home/an/lưu trữ"
EARLIER = "năm trước"
TEXT = 1 << 20
"""Bytes of a file of plain text that ``grow`` adds, or a few more."""
_LINES = 30_000
PER_DIRECTORY = 500
LARGEST = 2048
"""Bytes of the largest of the small files."""
BLOCK = 512
"""Bytes of the blocks in which the kernel tells what a file takes (stat(2)), whatever those of the file system are."""


@dataclass(frozen=True, slots=True)
class Room:
    """What a file takes.

    Attributes:
        size: how many bytes whoever reads it gets.
        taken: how many bytes of the disk; holes take none.
    """

    size: int
    taken: int


def plant(root: Path, *, files: int, size: int, seed: int) -> None:
    """Add to a host that is seeded already.

    Args:
        root: of the host.
        files: how many small ones.
        size: in bytes, of the disk image.
        seed: any integer; the same one gives the same content.
    """
    planting = Planting(root, random.Random(seed))  # noqa: S311 - content, not secrets
    for number in range(files):
        directory = f"{MANY}/{number // PER_DIRECTORY:04}"
        if number % PER_DIRECTORY == 0:
            planting.directory(directory, owner="an")
        content = planting.draw.randbytes(planting.draw.randrange(1, LARGEST))
        planting.file(f"{directory}/{number % PER_DIRECTORY:03}.jpg", content, owner="an")
    planting.sparse(IMAGE, size, owner="an")
    planting.date()


def grow(place: Path, *, files: int) -> None:
    """Add files of plain text to a directory, each of about ``TEXT`` bytes, which compress as logs do."""
    directory = place / EARLIER
    directory.mkdir(exist_ok=True)
    there = sum(1 for _ in directory.iterdir())
    for number in range(there, there + files):
        draw = random.Random(number)  # noqa: S311 - content, not secrets
        lines = (f"{line:06} zone {line % 12} counted {draw.getrandbits(48):012x}\n" for line in range(_LINES))
        (directory / f"{number:06}.log").write_text("".join(lines), "ascii")


def image_room(root: Path) -> Room:
    """Return what the disk image takes.

    Raises:
        FileNotFoundError: there is none.
    """
    status = (root / IMAGE).stat()
    return Room(status.st_size, status.st_blocks * BLOCK)
