"""Back up a git repository: a mirror of every ref, with the objects of Git LFS that its commits point at.

    python -m backup_scripts.source_mirror

Branches, tags, notes and whatever else is a ref are mirrored as they are, every object is checked by git fsck, and
what HEAD stands for is kept. Objects of Git LFS are taken from the source where it is a directory; if one is missing,
the backup fails. Submodules are repositories of their own and need a backup of their own.

Writes <repository>/<set>/<backup id>/ with mirror.git/, refs.txt and manifest.json, and prints the manifest.

Environment:
  BACKUP_REPOSITORY, BACKUP_SET   where the backup goes: a directory that exists, and the set's name
  BACKUP_SOURCE                   the git repository: a directory, or an address without a password
  GIT_ASKPASS                     a program that tells git the password, where an address needs one and no SSH key does
  RETENTION_DAYS                  how long the backup is promised to be kept (30)
  BACKUP_RECIPIENT                a public key of age (age1…): the backup is stored encrypted
  BACKUP_TIER                     its place in the schedule (daily)
  BACKUP_NOW                      an RFC 3339 time that replaces the clock

Exit status: 0 backed up and verified; 1 failed, and nothing is left that looks like a backup; 2 wrong arguments.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from io import FileIO
from pathlib import Path

from backup_scripts import contract, files, git, programs
from backup_scripts.contract import Arguments, Clock, Failed, Result, WrongArguments, required
from backup_scripts.programs import Finished
from backup_scripts.repository import BackupSet, writing_to

PASSWORD = re.compile(r"[a-z][a-z0-9+.-]*://[^/@]*:[^/]*@", re.IGNORECASE)


def back_up(arguments: Sequence[str]) -> Result:
    """Mirror, check, publish; return the manifest."""
    Arguments(__doc__).parse_args(arguments)
    clock, destination, source = Clock(), BackupSet.from_environment(), required("BACKUP_SOURCE")
    if PASSWORD.match(source):
        what = "BACKUP_SOURCE holds a password, which everybody could read in the list of processes and in the backup"
        raise WrongArguments("password-in-source", f"{what}; give it to git by GIT_ASKPASS, or use an SSH key")
    version = programs.tool_version("git")
    list(_files(Path(source), "refs"))  # git passes over a directory that it may not read, and over the refs in it
    with destination.new_backup(kind="mirror", clock=clock) as backup:
        mirror = backup.directory / git.MIRROR
        # Not --local: objects then come through the same checks as from far away.
        cloned = git.run("clone", "--mirror", "--no-local", "--template=", "--", source, str(mirror))
        if cloned.status != 0:
            raise _failure(cloned, source)
        if git.run("rev-parse", "--is-shallow-repository", repository=mirror).answer.strip() != "false":
            raise Failed("source-shallow", f"{source} lacks a part of its history; back up the repository it is from")
        checked = git.check(mirror)
        if checked.status != 0:
            raise checked.failure("source-corrupt", "no backup was made; repair the repository from another clone")
        large = git.large_files(mirror)
        with writing_to(mirror):
            _copy_large_files(large, Path(source), mirror)
            (backup.directory / git.REFS).write_text(git.refs(mirror), "utf-8")
        listed = git.refs(mirror).count("\n") - 1
        return backup.publish(
            source={"engine": git.ENGINE, "refs": listed, "large_files": len(large)},
            tool={"name": "git", "version": version},
            source_bytes=sum(files.sizes(mirror).values()),
        )


def _copy_large_files(large: set[str], source: Path, mirror: Path) -> None:
    for sha256 in sorted(large):
        place = git.large_file(mirror, sha256)
        place.parent.mkdir(parents=True, exist_ok=True)
        with _opened(source, sha256) as kept:
            files.copy(kept, place, size=os.fstat(kept.fileno()).st_size)
        if files.checksums([place]) != [sha256]:
            raise Failed("source-corrupt", f"{kept.name} is not what its name says; run: git lfs fsck")


def _opened(source: Path, sha256: str) -> FileIO:
    for home in _homes(source):
        try:
            return git.large_file(home, sha256).open("rb", buffering=0)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise _unreadable(error) from None
    raise Failed("lfs-object-missing", f"{source}: no object {sha256}; run: git lfs fetch --all")


def _homes(source: Path) -> Sequence[Path]:
    """Return where a repository may keep what is its own: itself, or below its checkout."""
    return source, source / ".git"


def _files(source: Path, part: str) -> Iterator[Path]:
    """Give every file in a part of a repository.

    Raises:
        Failed: ``source-unreadable``: a directory cannot be read.
    """

    def judge(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError | NotADirectoryError):
            raise _unreadable(error)

    for home in _homes(source):
        for place, _, names in os.walk(home / part, onerror=judge):
            yield from (Path(place) / name for name in names)


def _unreadable(error: OSError) -> Failed:
    what = f"{error.filename}: {error.strerror}; back up as a user who may read all of the repository"
    return Failed("source-unreadable", what)


def _failure(cloned: Finished, source: str) -> Failed:
    """Say why nothing was cloned: git calls an object corrupt that it may not read."""
    if "detected dubious ownership" in cloned.said:
        what = f"{source} belongs to another user, and git reads nothing from there"
        return Failed("source-of-another", f"{what}; back it up as that user, or over SSH")
    for file in (*_files(Path(source), "refs"), *_files(Path(source), "objects")):
        try:
            file.open("rb").close()
        except PermissionError as error:
            return _unreadable(error)
        except OSError:
            continue
    return cloned.failure("clone-failed", "no backup was made; correct BACKUP_SOURCE, or repair the repository")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script; return its exit status."""
    return contract.run(back_up, arguments)


if __name__ == "__main__":
    contract.leave(main())
