"""Faults of restored files: what flags, masks, other file systems and other users make of each aspect of a file."""

from __future__ import annotations

import os
import shlex
import stat
import sys
from collections.abc import Callable

from drill.damage.faults.fault import Fault, Injection, Scene, then
from drill.damage.victims import ARCHIVE
from drill.errors import DrillError
from drill.fingerprints.files.aspects import HOLES_FROM
from drill.fingerprints.files.entries import Entry, walk
from drill.stores.host import HostStore

DIFFERS = frozenset({"CONTENT-DIFFERS"})
"""The scripts below fail where they cannot do what they say; a failed restore would be another fault."""
_ANEW = 'cp -a {options} "$f" "$f.new"; {change} mv "$f.new" "$f"'


def done_to(path: str, script: str) -> Injection:
    """Have this done to a restored file, ``$f``; the directory that it is in, ``$d``, keeps its time.

    Args:
        path: of the file, seen from the host's root.
        script: for a shell, which stops at what fails.
    """
    file = shlex.quote(path)
    return then(
        f'set -e; f="$RESTORE_TARGET"/{file}; d=$(dirname "$f"); t=$(mktemp); touch -r "$d" "$t"; '
        f'{script}; touch -r "$t" "$d"; rm "$t"'
    )


def altered(act: str) -> str:
    """Return what does something to a file, as ``$f.new``, and leaves it its time: only whoever reads it can tell."""
    return _ANEW.format(options="", change=f'{act}; touch -r "$f" "$f.new";')


def _first(what: str, wanted: Callable[[Entry], bool], script: str) -> Injection:
    """Have this done to the first file of a sort that the source has."""

    def inject(scene: Scene) -> None:
        done_to(_path(scene, what, wanted), script)(scene)

    return inject


def _path(scene: Scene, what: str, wanted: Callable[[Entry], bool]) -> str:
    if isinstance(store := scene.source, HostStore):
        for entry in (each for scope in store.scopes for each in walk(store.host.root, scope)):
            path = os.fsdecode(entry.path)
            if path.isprintable() and wanted(entry):
                return path
    raise DrillError(f"{scene.set} has no {what}", remedy="rehearse as root, on a file system that keeps such things")


def _filled(entry: Entry) -> bool:
    return entry.is_file and entry.status.st_size > 0


def _can_rot(entry: Entry) -> bool:
    """Tell whether it does not begin already with the byte that a disk is about to put there."""
    if not _filled(entry):
        return False
    with open(entry.place, "rb") as file:  # noqa: PTH123 - bytes
        return file.read(1) != b"\xff"


def _is_directory(entry: Entry) -> bool:
    return stat.S_ISDIR(entry.status.st_mode)


def _is_foreign(entry: Entry) -> bool:
    return _filled(entry) and entry.status.st_uid != os.geteuid()


def _is_second_name(entry: Entry) -> bool:
    return entry.group not in (None, entry.path)


def _is_holey(entry: Entry) -> bool:
    size, taken = entry.status.st_size, entry.status.st_blocks * 512
    return entry.is_file and size >= HOLES_FROM and 2 * taken <= size


def _leads_to_root(entry: Entry) -> bool:
    return entry.is_link and os.readlink(entry.place).startswith(b"/")  # noqa: PTH115 - a path would be tidied up


def _is_hidden(entry: Entry) -> bool:
    return os.path.basename(entry.path).startswith(b".")  # noqa: PTH119 - bytes


def _is_empty(entry: Entry) -> bool:
    return _is_directory(entry) and not os.listdir(entry.place)  # noqa: PTH208 - bytes


def _has_attribute(name: str) -> Callable[[Entry], bool]:
    return lambda entry: any(each.startswith(name) for each in entry.attributes())


def _owned(script: str) -> str:
    """Return a script after which the file belongs to whom it belonged."""
    return f'owner=$(stat -c %u:%g "$f"); {script}; chown -h "$owner" "$f"'


def _robbed(of: str) -> str:
    """Return what takes the attributes away whose names begin so."""
    program = (
        "import os, sys; file, of = sys.argv[1:]; "
        "[os.removexattr(file, name) for name in os.listxattr(file) if name.startswith(of)]"
    )
    return f'{shlex.join([sys.executable, "-c", program])} "$f" {of}'


def _contents() -> tuple[Fault, ...]:
    rotten = altered('printf "\\377" | dd of="$f.new" bs=1 conv=notrunc status=none')
    said = (
        ("FILE-LEFT-OUT", "an exclude leaves a file out", _first("file", _filled, 'rm "$f"')),
        ("FILE-CHANGED", "a file was read while it was written to", _first("file", _filled, 'printf x >> "$f"')),
        (
            "FILE-ROTTEN",
            "a byte has changed on the disk, and size and time are right",
            _first("file that can rot", _can_rot, rotten),
        ),
        ("FILE-ADDED", "the target held something before", _first("file", _filled, 'touch "$d"/left-over')),
        (
            "FILES-HIDDEN-LOST",
            "tar was given a pattern, which no name with a dot fits",
            _first(
                "hidden file", _is_hidden, 'find "$RESTORE_TARGET" -mindepth 2 -name ".*" -prune -exec rm -r -- "{}" +'
            ),
        ),
        (
            "DIRECTORY-EMPTY-LOST",
            "only files were stored, and no directory that holds none",
            _first("empty directory", _is_empty, 'rmdir "$f"'),
        ),
        (
            "PIPE-LOST",
            "only files were stored, and no named pipe",
            _first("pipe", lambda entry: stat.S_ISFIFO(entry.status.st_mode), 'rm "$f"'),
        ),
    )
    return tuple(Fault(name, ARCHIVE, what, inject, DIFFERS) for name, what, inject in said)


def _rights() -> tuple[Fault, ...]:
    to_us = f'chown {os.geteuid()}:{os.getegid()} "$f"'
    acl, attribute, capability = "system.posix_acl", "user.", "security.capability"
    said = (
        ("FILE-RIGHTS-LOST", "modes were not restored", _first("file", _filled, 'chmod 0601 "$f"')),
        (
            "SETUID-LOST",
            "an ordinary user unpacked it, and a program lost its rights",
            _first("program with setuid", lambda entry: bool(entry.status.st_mode & stat.S_ISUID), 'chmod u-s "$f"'),
        ),
        (
            "SETGID-LOST",
            "what is made in a shared directory belongs to the group no more",
            _first(
                "directory with setgid",
                lambda entry: _is_directory(entry) and bool(entry.status.st_mode & stat.S_ISGID),
                'chmod g-s "$f"',
            ),
        ),
        (
            "FILE-OWNER-LOST",
            "everything belongs to whoever restored it",
            _first("file of somebody else", _is_foreign, to_us),
        ),
        (
            "ACCESS-LIST-LOST",
            "tar was not told to keep access control lists",
            _first("access control list", _has_attribute(acl), _robbed(acl)),
        ),
        (
            "ATTRIBUTE-LOST",
            "tar was not told to keep extended attributes",
            _first("extended attribute", _has_attribute(attribute), _robbed(attribute)),
        ),
        (
            "CAPABILITY-LOST",
            "a program may no longer do what it was allowed to",
            _first("capability", _has_attribute(capability), _robbed(capability)),
        ),
    )
    return tuple(Fault(name, ARCHIVE, what, inject, DIFFERS) for name, what, inject in said)


def _shapes() -> tuple[Fault, ...]:
    said = (
        ("FILE-TIMES-LOST", "times were not restored", _first("file", _filled, 'touch "$f"')),
        (
            "FILE-TIMES-ROUNDED",
            "the archive's format keeps times to the second",
            _first("file", _filled, 'touch -d "@$(stat -c %Y "$f")" "$f"'),
        ),
        (
            "FILE-LINK-FOLLOWED",
            "links came back as what they lead to",
            _first("link", lambda entry: entry.is_link, _owned('rm "$f"; echo copied > "$f"')),
        ),
        (
            "FILE-LINK-REWRITTEN",
            "a tool made a link lead to where it was restored",
            _first(
                "link to an absolute place",
                _leads_to_root,
                _owned('ln -sfn "$RESTORE_TARGET$(readlink "$f")" "$f"'),
            ),
        ),
        (
            "FILE-NAMES-PARTED",
            "a file with two names came back as two files",
            _first("file with two names", _is_second_name, _ANEW.format(options="", change="")),
        ),
        (
            "FILE-HOLES-FILLED",
            "a file that is mostly holes fills the disk that it came to",
            _first("file with holes", _is_holey, _ANEW.format(options="--sparse=never", change="")),
        ),
    )
    return tuple(Fault(name, ARCHIVE, what, inject, DIFFERS) for name, what, inject in said)


FAULTS = (*_contents(), *_rights(), *_shapes())
