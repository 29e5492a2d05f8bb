"""Fetch a backup from the off-site storage into the repository, with what it builds on.

    python -m backup_scripts.offsite_fetch

Without BACKUP_ID the newest complete copy of the set is fetched. A backup that is here and whole is not fetched again;
one that is here and damaged stays as it is, and the fetch is refused. Every byte is compared with the manifest before
the backup appears. What a killed run has fetched whole, the next one does not fetch again. Of a PostgreSQL server's log
comes what offsite_log has copied of it, from the beginning of the backup on.

Environment:
  BACKUP_REPOSITORY, BACKUP_SET    where it goes; both may be new
  BACKUP_ID                        which backup (the newest)
  OFFSITE_ENDPOINT, OFFSITE_BUCKET, OFFSITE_REGION, OFFSITE_PREFIX   the site
  OFFSITE_ACCESS_KEY_ID and OFFSITE_SECRET_ACCESS_KEY, or OFFSITE_CREDENTIALS_FILE (mode 0600)
                                   an account that may read; it needs no other right
  OFFSITE_AS_OF                    an RFC 3339 time: the copies as they were then, to the second, where somebody has
                                   overwritten or removed them since; needs the right to read versions (now)

Prints {"id", "set", "fetched", "present", "bytes"}: the backup's id; lists of ids; what went over the line.

Exit status: 0 done and verified; 1 failed; 2 wrong arguments; 3 refused: there is no such copy, or it is not whole;
nothing of it appears in the repository.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from backup_scripts import contract, files, manifest, offsite_log_fetch
from backup_scripts.contract import Arguments, Refused, Result, hold_signals, say
from backup_scripts.manifest import Manifest, ManifestInvalid, StoredFile
from backup_scripts.offsite import AGAIN, Site
from backup_scripts.repository import PARTIAL, BackupSet, writing_to


def fetch(arguments: Sequence[str]) -> Result:
    """Fetch, verify, let it appear; return what was fetched."""
    Arguments(__doc__).parse_args(arguments)
    home, site = BackupSet.from_environment(), Site.to_read()
    line = _line(site, home.directory.name, os.environ.get("BACKUP_ID"))
    fetched, present, size = [], [], 0
    with writing_to(home.directory):
        home.directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with home.locked():
        for found in line:
            if (home.directory / found.id).exists():
                home.backup(found.id).verify()
                present.append(found.id)
            else:
                size += _fetch(home, site, found)
                fetched.append(found.id)
        size += offsite_log_fetch.fetch(home, site, line[-1])
    return {"id": line[-1].id, "set": home.directory.name, "fetched": fetched, "present": present, "bytes": size}


def _line(site: Site, set_name: str, wanted: str | None) -> list[Manifest]:
    """Return the manifests of a backup and what it builds on, the first one first.

    Raises:
        Refused: ``no-such-backup``, ``manifest-invalid``, ``chain-broken``.
    """
    wanted = wanted or _newest(site, set_name)
    line = [site.manifest(set_name, wanted)]
    while parent := line[0].parent:
        if parent in {each.id for each in line}:
            raise Refused("chain-broken", f"{wanted} builds on itself; fetch another")
        try:
            line.insert(0, site.manifest(set_name, parent))
        except Refused as error:
            raise Refused("chain-broken", f"{wanted} builds on {parent}: {error}; fetch another") from None
    return line


def _newest(site: Site, set_name: str) -> str:
    """Return the id of the newest copy; a damaged one before it is told, one after it is refused."""
    copies: list[Manifest] = []
    damaged: dict[str, Refused] = {}
    for backup_id in site.backup_ids(set_name):
        try:
            copies.append(site.manifest(set_name, backup_id))
        except Refused as error:
            damaged[backup_id] = error
    if not copies:
        nothing = Refused("no-such-backup", f"{site.bucket} holds no complete copy of {set_name}; list the bucket")
        raise next(iter(damaged.values()), nothing)
    newest = max(copies, key=lambda copy: (copy.finished, copy.id)).id
    for backup_id, reason in damaged.items():
        if backup_id > newest:
            raise Refused(reason.slug, f"{str(reason).partition(': ')[2]}, or fetch an older one: BACKUP_ID={newest}")
        say(f"passed over: {reason}")
    return newest


def _fetch(home: BackupSet, site: Site, wanted: Manifest) -> int:
    """Fetch one backup; return how many bytes went over the line."""
    partial, moved = home.directory / f"{PARTIAL}{wanted.id}", 0
    with writing_to(partial):
        partial.mkdir(mode=0o700, exist_ok=True)
        for left in files.sizes(partial).keys() - {file.path for file in wanted.files}:
            (partial / left).unlink()  # of a download that was killed
        for file in wanted.files:
            moved += _file(site, site.key(wanted.set, wanted.id, file.path), partial / file.path, file)
        found = {file.path: file for file in files.make_durable(partial)}
        for file in wanted.files:
            if found.get(file.path) != file:
                (partial / file.path).unlink()  # or every further run would trip over it
                raise Refused("checksum-mismatch", f"{wanted.id}/{file.path} is not what was backed up; {AGAIN}")
        text = site.read(site.key(wanted.set, wanted.id, manifest.NAME))
        if text is None or not _says(text, wanted):
            raise Refused("manifest-invalid", f"{wanted.id} changed while it was fetched; {AGAIN}")
        (partial / manifest.NAME).write_bytes(text)
        files.flush(partial / manifest.NAME)
        files.flush(partial)
        hold_signals()  # from here on the backup is there
        partial.rename(home.directory / wanted.id)
        files.flush(home.directory)
    say(f"fetched {wanted.set}/{wanted.id}")
    return moved


def _says(text: bytes, wanted: Manifest) -> bool:
    try:
        return manifest.parse(text) == wanted
    except ManifestInvalid:
        return False


def _file(site: Site, key: str, target: Path, described: StoredFile) -> int:
    """Fetch a file unless it is there in its full size; return the bytes that went over the line."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if target.is_file() and target.stat().st_size == described.size:
        return 0
    stored = site.stored(key)
    if stored is None or stored.size != described.size:
        slug = "file-missing" if stored is None else "backup-truncated"
        raise Refused(slug, f"{key}: {stored.size if stored else 'no'} of {described.size} bytes are there; {AGAIN}")
    site.download(key, target)
    return described.size


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script; return its exit status."""
    return contract.run(fetch, arguments)


if __name__ == "__main__":
    contract.leave(main())
