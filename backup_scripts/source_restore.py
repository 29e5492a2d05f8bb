"""Restore a git repository from a mirror made by source_mirror.

    python -m backup_scripts.source_restore [BACKUP_ID]

The mirror is verified, copied beside the target, checked by git fsck, and its refs are compared with those of the time
of the backup; a rename then makes it appear. What appears is a bare repository, to be cloned from. Where it was killed,
it is finished by running it again.

Environment:
  BACKUP_REPOSITORY, BACKUP_SET   where the backup is
  BACKUP_ID                       which one, unless it is given as the argument
  BACKUP_IDENTITY_FILE            the file of the secret key, if the backup is encrypted
  RESTORE_TARGET                  the directory that becomes the repository: absent or empty, its parent there

Prints {"backup_id", "set", "target", "refs", "seconds", "bytes"}.

Exit status: 0 restored and verified; 1 failed, and the target is as it was; 2 wrong arguments; 3 the backup or the
target was refused, and the target was not touched.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from backup_scripts import contract, files, git, staging
from backup_scripts.contract import Arguments, Clock, Refused, Result, required
from backup_scripts.landing import UNWRITABLE, Landing
from backup_scripts.manifest import Manifest
from backup_scripts.repository import ANOTHER, BackupSet, writing_to

FOREIGN = ("hooks/*", "objects/info/*alternates", "objects/pack/*.promisor")


@contextmanager
def restore(arguments: Sequence[str]) -> Iterator[Result]:
    """Verify, refuse or restore; give what was done."""
    parser = Arguments(__doc__)
    parser.add_argument("backup_id", nargs="?", metavar="BACKUP_ID", help="default: the environment's BACKUP_ID")
    options = parser.parse_args(arguments)
    clock, target = Clock(), Path(required("RESTORE_TARGET")).absolute()
    backup = BackupSet.from_environment().backup(options.backup_id or required("BACKUP_ID"))
    found = backup.manifest
    if found.source.get("engine") != git.ENGINE:
        raise Refused("wrong-kind", f"{backup.directory} was not made by source_mirror; use the script that fits it")
    landing = Landing.at(target, set=found.set, backup=found.id)
    if not landing.finish(staging.made_for, stagings=[staging.directory_beside(target)]):
        staging.refuse_taken(target)
        with backup.held():
            backup.verify()
            with backup.plain() as plain, landing.noted(), staging.beside(target, None) as place:
                with writing_to(place.new, slug=UNWRITABLE):
                    _copy(plain / git.MIRROR, place.new, found)
                _refuse_foreign(plain, place.new)
                _refuse_damage(plain, place.new)
                staging.flush([place.new])
                staging.appear([place], landing)
    yield {
        "backup_id": found.id,
        "set": found.set,
        "target": str(target),
        "refs": found.source["refs"],
        "seconds": round(clock.seconds(), 3),
        "bytes": found.source_bytes,
    }
    landing.forget()


def _copy(mirror: Path, new: Path, found: Manifest) -> None:
    for file in found.files:
        path = Path(file.plain_path)
        if path.parts[0] == mirror.name:
            place = new.joinpath(*path.parts[1:])
            place.parent.mkdir(parents=True, exist_ok=True)
            files.copy_whole(mirror.joinpath(*path.parts[1:]), place)
    for name in ("refs/heads", "objects"):  # which git wants to see, and no file of a mirror is in
        (new / name).mkdir(parents=True, exist_ok=True)
    for directory, _, names in os.walk(new):
        Path(directory).chmod(0o755)
        mode = 0o444 if "objects" in Path(directory).relative_to(new).parts else 0o644
        for name in names:
            (Path(directory) / name).chmod(mode)


def _refuse_foreign(plain: Path, new: Path) -> None:
    """Check that there is nothing that source_mirror never stores: objects that are elsewhere, and programs.

    Raises:
        Refused: ``archive-unsafe``.
    """
    for pattern in FOREIGN:
        for found in new.glob(pattern):
            what = f"{found.relative_to(new)} has git look elsewhere, or run something"
            raise Refused("archive-unsafe", f"{plain / git.MIRROR}: {what}; {ANOTHER}")


def _refuse_damage(plain: Path, new: Path) -> None:
    """Check that the repository is whole, and the one that was backed up.

    Raises:
        Refused: ``repository-corrupt``, ``refs-differ``.
    """
    checked = git.check(new)
    if checked.status != 0:
        raise Refused("repository-corrupt", f"{plain / git.MIRROR}: git fsck: {checked.last_words}; {ANOTHER}")
    expected = set((plain / git.REFS).read_text("utf-8").splitlines())
    if different := sorted(expected ^ set(git.refs(new).splitlines())):
        raise Refused("refs-differ", f"{plain / git.MIRROR}: {different[0].split()[-1]} is otherwise; {ANOTHER}")
    large = sorted(git.large_files(new))
    places = [git.large_file(new, sha256) for sha256 in large]
    missing = [place for place in places if not place.is_file()]
    if missing or files.checksums(places) != large:
        raise Refused("repository-corrupt", f"{plain / git.MIRROR}: a large file is missing or altered; {ANOTHER}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script; return its exit status."""
    return contract.run(restore, arguments)


if __name__ == "__main__":
    contract.leave(main())
