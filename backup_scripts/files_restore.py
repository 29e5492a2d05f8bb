"""Restore files and directories from a backup made by files_archive, and from all that it builds on.

    python -m backup_scripts.files_restore [BACKUP_ID]

Everything is unpacked and verified in a private directory inside the target first; a rename then puts each of the
backed up paths in its place, all of them or none. Where it was killed, it is finished by running it again. Directories
above the paths are made, if they are missing, as they were. A path that is there already and is not an empty directory
is refused. Where the backup has files of other users, only root can restore it. What a compose tool resolved the
containers' definition to is put beside the definition, for its owner alone: that of the newest backup here that has
one.

Environment:
  BACKUP_REPOSITORY, BACKUP_SET   where the backup is
  BACKUP_ID                       which one, unless it is given as the argument
  BACKUP_IDENTITY_FILE            the file of the secret key, if the backup is encrypted
  RESTORE_TARGET                  the directory that paths are seen from: / on the machine itself

Prints {"backup_id", "set", "target", "paths", "seconds", "bytes"}; bytes is the size of the archives before they were
compressed.

Exit status: 0 restored and verified; 1 failed, and the target is as it was; 2 wrong arguments; 3 the backup or the
target was refused, and the target was not touched.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath

from backup_scripts import compose, contract, encryption, files, files_chain, layering, staging, tar
from backup_scripts.contract import Arguments, Clock, Failed, Refused, Result, required
from backup_scripts.encryption import Identity
from backup_scripts.files_chain import SNAPSHOT
from backup_scripts.landing import UNWRITABLE, Landing
from backup_scripts.repository import ANOTHER, BackupSet, StoredBackup, writing_to
from backup_scripts.unpacking import Packed, Unpacking


@contextmanager
def restore(arguments: Sequence[str]) -> Iterator[Result]:
    """Verify, refuse or restore; give what was done."""
    parser = Arguments(__doc__)
    parser.add_argument("backup_id", nargs="?", metavar="BACKUP_ID", help="default: the environment's BACKUP_ID")
    options = parser.parse_args(arguments)
    clock, home, target = Clock(), BackupSet.from_environment(), Path(required("RESTORE_TARGET")).absolute()
    tar.version()
    links = files_chain.ending_at(home, options.backup_id or required("BACKUP_ID"))
    last = links[-1].manifest
    resolved = next((each for each in reversed(links) if "resolved" in each.manifest.source), None)
    paths = [*last.source["paths"], *([resolved.manifest.source["resolved"]] if resolved else [])]
    parents = [*(resolved.manifest.source["parents"] if resolved else []), *last.source["parents"]]
    with ExitStack() as held:
        for each in links:
            held.enter_context(each.held())
            each.verify_sizes()
        _refuse_unsafe([*paths, *(str(parent["path"]) for parent in parents)])
        beside = target / home.directory.name
        landing = Landing.at(beside, set=last.set, chain=[each.manifest.id for each in links], paths=paths)
        made = staging.made_for(beside)
        if not landing.finish(
            lambda path: made / path.relative_to(target), stagings=[staging.directory_beside(beside)]
        ):
            with writing_to(target, slug=UNWRITABLE):
                _refuse_unfit(links, target, paths)
            identity = encryption.identity() if any(each.manifest.encryption for each in links) else None
            with landing.noted(), staging.beside(beside, None) as place:
                new = place.make(staging.NEW)
                for number, packed in enumerate(_archives(links, new)):  # one by one: each builds on what is there
                    _unpack(packed, identity, aside=place.make(f"aside-{number}"))
                if resolved:
                    _put_resolved(resolved, new)
                _make_parents(parents, new)
                staging.flush([new])
                _land(new, target, paths, landing)
    yield {
        "backup_id": last.id,
        "set": last.set,
        "target": str(target),
        "paths": paths,
        "seconds": round(clock.seconds(), 3),
        "bytes": sum(each.manifest.source_bytes for each in links),
    }
    landing.forget()


def _archives(links: Sequence[StoredBackup], target: Path) -> Iterator[Packed]:
    """Give the archives in the order in which they build on each other."""
    for each in links:
        for file in sorted(each.manifest.files, key=lambda file: file.path):
            if file.plain_path not in (SNAPSHOT, compose.FILE):
                yield Packed(each.directory, file, target, encrypted=bool(each.manifest.encryption))


def _unpack(packed: Packed, identity: Identity | None, *, aside: Path) -> None:
    again = not packed.file.plain_path.startswith("0.")
    if not again:  # as then only files come, and no directories
        layering.bare(packed.target)
    with layering.links_aside(packed.target, aside):
        command = tar.extraction(again=again)
        Unpacking(None, identity, tar=command, judge=tar.judge_extraction).unpack([packed], jobs=1)


def _put_resolved(backup: StoredBackup, new: Path) -> None:
    """Put the resolved definition beside the one that it is of.

    Raises:
        Refused: as `StoredBackup.verify_file`; ``archive-unsafe`` where a link of the backup leads out of it.
    """
    backup.verify_file(compose.FILE)
    place = new / backup.manifest.source["resolved"]
    if not place.parent.resolve().is_relative_to(new.resolve()):
        what = f"a link of the backup leads from {backup.manifest.source['resolved']!r} out of it"
        raise Refused("archive-unsafe", f"{backup.directory}: {what}; {ANOTHER}")
    with backup.plain_file(compose.FILE) as kept, writing_to(place, slug=UNWRITABLE):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)  # where it was among the paths that were backed up
        files.copy_whole(kept, place)


def _refuse_unfit(links: Sequence[StoredBackup], target: Path, paths: Sequence[str]) -> None:
    """Check the target before anything is unpacked.

    Raises:
        Refused: ``target-missing``, ``target-not-empty``, ``target-is-mount-point``, ``needs-root``.
    """
    if not target.is_dir():
        raise Refused("target-missing", f"{target} is no directory; create or mount it")
    for path in paths:
        _refuse_links(target, path)
        if (target / path).parent.is_dir():
            staging.refuse_taken(target / path)
    if "FAKEROOTKEY" in os.environ:
        what = "under fakeroot, owners and access lists only seem to come back, and are gone when it ends"
        raise Refused("needs-root", f"{what}; restore it as root")
    owners = {str(owner) for each in links for owner in each.manifest.source["owners"]}
    if os.geteuid() != 0 and (foreign := sorted(owners - _ours())):
        what = f"the backup has files of {foreign[0]}, and only root can give files away"
        raise Refused("needs-root", f"{what}; restore it as root")


def _refuse_unsafe(paths: Sequence[str]) -> None:
    """Check that no path of a manifest leads out of the target.

    Raises:
        Refused: ``archive-unsafe``.
    """
    for path in paths:
        if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
            raise Refused("archive-unsafe", f"the backup names {path!r}, which is not below the target; {ANOTHER}")


def _refuse_links(target: Path, path: str) -> None:
    """Check that no link in the target leads a path out of it."""
    for parent in PurePosixPath(path).parents:
        if (target / parent).is_symlink():
            raise Refused("target-not-empty", f"{target / parent} is a link to elsewhere; move it away")


def _ours() -> set[str]:
    return {f"{os.geteuid()}:{group}" for group in {os.getegid(), *os.getgroups()}}


def _make_parents(parents: Sequence[dict[str, int | str]], new: Path) -> None:
    """Give the directories above the restored paths the modes and owners that they had; what a link leads to, never."""
    root = new.resolve()
    for parent in parents:
        place = root / str(parent["path"])
        if place.is_dir() and place.resolve() == place:
            place.chmod(int(parent["mode"]))
            if os.geteuid() == 0:
                os.chown(place, int(parent["uid"]), int(parent["gid"]))


def _land(new: Path, target: Path, paths: Sequence[str], landing: Landing) -> None:
    """Put what was unpacked in its place, all of it or nothing.

    Raises:
        Failed: ``restore-incomplete``: a path was not in the archives; ``target-unwritable``.
    """
    for path in paths:
        if not os.path.lexists(new / path):
            raise Failed("restore-incomplete", f"{path} is not in the archives; restore another backup")
    tops = sorted({_topmost(target, path) for path in paths if not _is_within_another(path, paths)})
    twins = (new.with_name(f"{staging.TWIN}-{number}") for number in range(len(tops)))
    staging.land([(new / path, target / path, twin) for path, twin in zip(tops, twins, strict=True)], landing)


def _is_within_another(path: str, paths: Sequence[str]) -> bool:
    """Tell whether a path lies below another one, and comes with it."""
    return not {str(parent) for parent in PurePosixPath(path).parents}.isdisjoint(paths)


def _topmost(target: Path, path: str) -> str:
    """Return the part of a path that can appear by one rename: up to the first name that is not there."""
    parts = PurePosixPath(path).parts
    for number in range(1, len(parts)):
        part = str(PurePosixPath(*parts[:number]))
        if not (target / part).is_dir():
            return part
    return path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script; return its exit status."""
    return contract.run(restore, arguments)


if __name__ == "__main__":
    contract.leave(main())
