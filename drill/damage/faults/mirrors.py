"""Faults of mirrors of source code, and of how they are restored."""

from __future__ import annotations

import shlex
from pathlib import Path

from drill.damage.faults.dumps import BY_RESTORING, OF_THE_RESTORED, READ, damaged, instead, unsealed
from drill.damage.faults.fault import Fault, Scene, then
from drill.errors import DrillError
from drill.stores import SourceStore

GIT = 'git --git-dir="$RESTORE_TARGET"'
KIND = "mirror"
OF_ANOTHER = OF_THE_RESTORED | {"LEANS-ON-ANOTHER"}


def _source(scene: Scene) -> Path:
    if not isinstance(scene.source, SourceStore):
        raise DrillError(f"{scene.set} is not of source code", remedy="this fault is not one of such backups")
    return scene.source.repository


def _borrowing(scene: Scene) -> None:
    """Have the restored repository hold its refs, and find every object in the one that was backed up."""
    objects = shlex.quote(str(_source(scene) / "objects"))
    then(
        f'set -e; cd "$RESTORE_TARGET/objects"; find . -mindepth 1 -maxdepth 1 ! -name info -exec rm -r "{{}}" +; '
        f"mkdir -p info pack; echo {objects} > info/alternates"
    )(scene)


def _partial(scene: Scene) -> None:
    """Have the restored repository fetch content from the one that was backed up, whenever somebody asks for some."""
    source = shlex.quote(f"file://{_source(scene)}")
    serving = "--upload-pack='git -c uploadpack.allowFilter=true upload-pack'"
    then(
        'set -e; mv "$RESTORE_TARGET" "$RESTORE_TARGET.whole"; '
        f'git clone -q --mirror --filter=blob:none {serving} {source} "$RESTORE_TARGET"; '
        'mv "$RESTORE_TARGET.whole/lfs" "$RESTORE_TARGET"; rm -r "$RESTORE_TARGET.whole"'
    )(scene)


def _stored() -> tuple[Fault, ...]:
    said = (
        ("MIRROR-CUT", "the disk was full, or the copy killed, half way", damaged("cut off half way"), READ),
        ("MIRROR-BIT", "a bit has flipped on the disk", damaged("altered by one bit"), READ),
        ("MIRROR-FILE-LOST", "a clean-up has removed a file of it", damaged("robbed of a file"), READ),
        (
            "MIRROR-OBJECT-CORRUPT",
            "an object was corrupt when it was mirrored",
            unsealed("altered by one bit"),
            BY_RESTORING,
        ),
        ("MIRROR-REF-LOST", "a ref was not mirrored", unsealed("robbed of a ref"), BY_RESTORING),
        (
            "MIRROR-LARGE-FILE-LOST",
            "a pointer was mirrored, and no large file",
            unsealed("robbed of a large file"),
            BY_RESTORING,
        ),
    )
    return tuple(Fault(name, KIND, what, inject, found) for name, what, inject, found in said)


def _restored() -> tuple[Fault, ...]:
    shallow = 'git clone -q --mirror --depth 1 "file://$RESTORE_TARGET" "$RESTORE_TARGET.new"'
    said = (
        ("NOTES-LOST", "a clone brought the branches, and no notes", f"{GIT} update-ref -d refs/notes/commits"),
        ("BRANCH-BEHIND", "a branch is a commit behind", f"{GIT} update-ref refs/heads/main refs/heads/main~1"),
        ("BRANCH-ADDED", "a branch was pushed into the restored one", f"{GIT} branch left-over main"),
        ("HEAD-ELSEWHERE", "HEAD stands for another branch", f"{GIT} symbolic-ref HEAD refs/heads/elsewhere"),
        (
            "HISTORY-LOST",
            "the newest commit alone was cloned",
            f'{shallow} && rm -r "$RESTORE_TARGET" && mv "$RESTORE_TARGET.new" "$RESTORE_TARGET"',
        ),
        ("LARGE-FILES-LOST", "large files were left where they were", 'rm -r "$RESTORE_TARGET/lfs"'),
    )
    leaning = (
        (
            "OBJECTS-BORROWED",
            "the objects are those of the old repository, which still is where it was",
            _borrowing,
        ),
        (
            "CLONE-PARTIAL",
            "a partial clone asks the old repository for what it lacks, as long as that is there",
            _partial,
        ),
    )
    return (
        *(Fault(name, KIND, what, then(script), OF_THE_RESTORED) for name, what, script in said),
        *(Fault(name, KIND, what, inject, OF_ANOTHER) for name, what, inject in leaning),
        Fault(
            "MIRROR-NONE",
            KIND,
            "the restore says that all is well and has done nothing",
            instead("echo '{}'"),
            OF_THE_RESTORED,
        ),
    )


FAULTS = (*_stored(), *_restored())
