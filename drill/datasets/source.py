"""The application's source code: a git repository with one of everything that mirrors have been seen to lose."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

from drill.fingerprints.git.repository import ask

README = "README.md"
LARGE = 3000
"""Bytes of the file that only a pointer to is in the history."""
EARLIER = "earlier"
TEXT = 10_000
"""Bytes that a file takes that ``grow`` adds, or a few more or less."""
_LINES = 500
AUTHOR = "An <an@example.org> 1767225600 +0700"


def seed(repository: Path, *, seed: int, scale: int) -> None:
    """Make a bare repository; the same seed and scale give the same content.

    Args:
        repository: a directory that is not there.
        seed: any integer.
        scale: multiplies the forty commits of the smallest estate.
    """
    draw = random.Random(seed)  # noqa: S311 - content, not secrets
    ask(repository, "init", "--bare", "--quiet", "--template=", "--initial-branch=main", str(repository))
    large = draw.randbytes(LARGE)
    oid = hashlib.sha256(large).hexdigest()
    place = repository / "lfs/objects" / oid[:2] / oid[2:4] / oid
    place.parent.mkdir(parents=True)
    place.write_bytes(large)
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {LARGE}\n"
    ask(repository, "fast-import", "--quiet", feed=_history(draw, commits=40 * scale, pointer=pointer))
    ask(repository, "pack-refs", "--all")
    write(repository, -1)


def grow(repository: Path, *, files: int) -> None:
    """Commit files of about ``TEXT`` bytes to the main branch, which compress about as well as sources do."""
    there = len(ask(repository, "ls-tree", "--name-only", "main", f"{EARLIER}/").splitlines())
    changes = []
    for number in range(there, there + files):
        draw = random.Random(number)  # noqa: S311 - content, not secrets
        lines = (f"zone_{line} = {draw.getrandbits(128):032x}\n" for line in range(_LINES))
        changes.append(_file(f"{EARLIER}/{number:06}.py", "".join(lines)))
    above = f"author {AUTHOR}\ncommitter {AUTHOR}\n{_data('Earlier work')}\nfrom refs/heads/main^0\n"
    feed = "".join([f"commit refs/heads/main\n{above}", *changes, "\n"])
    ask(repository, "fast-import", "--quiet", feed=feed)


def health(repository: Path) -> tuple[object, ...]:
    """Return the first question answered: what the main branch's README says, and how much history it has."""
    return (
        ask(repository, "cat-file", "blob", f"main:{README}"),
        ask(repository, "rev-list", "--count", "main").strip(),
    )


def canaries(repository: Path) -> dict[str, bytes]:
    """Return some of what only the developers may know: what git keeps as it is, and does not pack."""
    large = next(path for path in (repository / "lfs/objects").rglob("*") if path.is_file())
    branches = ask(repository, "for-each-ref", "--format=%(refname)", "refs/heads/").splitlines()
    return {"a piece of a model": large.read_bytes()[:64], "the name of a branch": max(branches, key=len).encode()}


def write(repository: Path, number: int) -> None:
    """Commit one entry of the ledger to the main branch; it is acknowledged when this returns."""
    who = {"author": AUTHOR, "committer": AUTHOR}
    told = "".join(f"{role} {name}\n" for role, name in who.items())
    text = f"written {number}\n"
    feed = f"commit refs/heads/main\n{told}data {len(text)}\n{text}\nfrom refs/heads/main^0\n"
    ask(repository, "fast-import", "--quiet", feed=feed)


def written(repository: Path) -> set[int]:
    """Return the numbers of the ledger's commits that are there."""
    subjects = ask(repository, "log", "--format=%s", "main").splitlines()
    return {int(each.removeprefix("written ")) for each in subjects if each.startswith("written ")} - {-1}


def size(repository: Path) -> int:
    """Return how many bytes the repository takes."""
    return sum(path.stat().st_size for path in repository.rglob("*") if path.is_file())


def _history(draw: random.Random, *, commits: int, pointer: str) -> str:
    """Return commits on several branches, a merge, tags of both kinds and a note, as git fast-import reads them."""
    told = ["feature done\n"]
    for number in range(1, commits + 1):
        content = f"{draw.getrandbits(256):064x}\n" * 20
        first = [
            _file(README, f"Máy đếm {commits}\n"),
            _file("bin/đếm", "#!/bin/sh\n", mode="100755"),
            _file("models/people.onnx", pointer),
            _file("current", "README.md", mode="120000"),
        ]
        changes = [_file(f"src/{number % 7}.py", content), *(first if number == 1 else [])]
        told.append(_commit("refs/heads/main", f"Thay đổi {number}", changes, mark=number))
    middle = commits // 2
    told.append(_commit("refs/heads/release/1.4", "Sửa lỗi", [_file("fix", "1\n")], mark=1001, parents=[middle]))
    told.append(_commit("refs/heads/tính-năng/đếm-xe", "Xe", [_file("xe", "2\n")], mark=1002, parents=[middle]))
    told.append(_commit("refs/heads/main", "Gộp", [], mark=1003, parents=[commits, 1001]))
    told.append(_commit("refs/stash", "Chưa xong", [_file("tạm", "3\n")], mark=1004, parents=[middle]))
    told.append(f"reset refs/tags/nhẹ\nfrom :{middle}\n\n")
    told.append(f"tag v1.4.2\nfrom :1001\ntagger {AUTHOR}\n{_data('Phát hành 1.4.2')}\n")
    told.append(
        f"commit refs/notes/commits\ncommitter {AUTHOR}\n{_data('Ghi chú')}\nN inline :{middle}\n{_data('đã duyệt')}\n"
    )
    return "".join([*told, "done\n"])


def _commit(ref: str, message: str, changes: list[str], *, mark: int, parents: list[int] | None = None) -> str:
    above = [f"{'merge' if place else 'from'} :{parent}\n" for place, parent in enumerate(parents or [])]
    head = f"commit {ref}\nmark :{mark}\nauthor {AUTHOR}\ncommitter {AUTHOR}\n{_data(message)}\n"
    return head + "".join([*above, *changes, "\n"])


def _file(path: str, content: str, *, mode: str = "100644") -> str:
    return f"M {mode} inline {path}\n{_data(content)}\n"


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}"
