"""Verify the off-site copies of one set where they are: every byte is read back and hashed, nothing is stored here.

With the backups the copied log is verified, unless one backup is named. What is wrong keeps nothing else from being
verified: all of it is told.

    python -m backup_scripts.offsite_verify

Environment:
  BACKUP_SET                       the set
  BACKUP_ID                        one backup of it (all)
  OFFSITE_ENDPOINT, OFFSITE_BUCKET, OFFSITE_REGION, OFFSITE_PREFIX   the site
  OFFSITE_ACCESS_KEY_ID and OFFSITE_SECRET_ACCESS_KEY, or OFFSITE_CREDENTIALS_FILE (mode 0600)
                                   an account that may read; it needs no other right
  OFFSITE_AS_OF                    an RFC 3339 time: the copies as they were then, to the second (as they are now)

Prints {"set", "verified", "bytes"}: the ids; how much was read.

Exit status: 0 all of it is what was backed up; 1 failed; 2 wrong arguments; 3 a copy, or what it builds on, is missing,
altered or cut off: a line on stderr names each file.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import starmap

from backup_scripts import contract, offsite_stream, wal_index
from backup_scripts.contract import Arguments, Refused, Result, required, say
from backup_scripts.lineage import lineages
from backup_scripts.manifest import Manifest, StoredFile
from backup_scripts.offsite import AGAIN, Site

LANES = 2
PLACES = (wal_index.PLACE, offsite_stream.PLACE)


def verify(arguments: Sequence[str]) -> Result:
    """Read everything back; return what was verified."""
    Arguments(__doc__).parse_args(arguments)
    set_name, site = required("BACKUP_SET"), Site.to_read()
    named = os.environ.get("BACKUP_ID")
    copies = site.backup_ids(set_name)
    size, wanted = 0, [named] if named else copies
    if not wanted:
        raise Refused("no-such-backup", f"{site.bucket} holds no complete copy of {set_name}; list the bucket")
    manifests, wrong = _manifests(site, set_name, wanted)
    wrong += _broken(site, set_name, manifests, copies)
    with ThreadPoolExecutor(LANES) as lanes:
        for backup_id, stated in manifests.items():
            keys = [site.key(set_name, backup_id, file.path) for file in stated.files]
            read = zip(keys, stated.files, lanes.map(site.sha256, keys), strict=True)
            altered = [problem for problem in starmap(_altered, read) if problem]
            wrong += altered
            size += sum(file.size for file in stated.files)
            if not altered:
                say(f"verified {set_name}/{backup_id}")
        log = (
            [] if named else [site.key(set_name, place, name) for place in PLACES for name in site.log(set_name, place)]
        )
        for key, (found, sent, bytes_) in zip(log, lanes.map(partial(_read, site), log), strict=True):
            if found is None or found != sent:
                what = f"its SHA-256 is {found}, {sent or 'nothing'} was sent"
                wrong.append(Refused("checksum-mismatch", f"{key}: {what}; {AGAIN}"))
            size += bytes_
    contract.refuse_any(wrong)
    return {"set": set_name, "verified": wanted, "bytes": size}


def _manifests(site: Site, set_name: str, wanted: Sequence[str]) -> tuple[dict[str, Manifest], list[Refused]]:
    """Return the manifests that can be trusted, and what is wrong with the others."""
    manifests: dict[str, Manifest] = {}
    wrong: list[Refused] = []
    for backup_id in wanted:
        try:
            manifests[backup_id] = site.manifest(set_name, backup_id)
        except Refused as error:
            wrong.append(error)
    return manifests, wrong


def _altered(key: str, file: StoredFile, found: str | None) -> Refused | None:
    """Return what is wrong with a file whose SHA-256 was found to be this; None where nothing is."""
    if found is None:
        return Refused("file-missing", f"{key} is not there; {AGAIN}")
    if found != file.sha256:
        return Refused("checksum-mismatch", f"{key}: its SHA-256 is {found}, not {file.sha256}; {AGAIN}")
    return None


def _broken(site: Site, set_name: str, manifests: Mapping[str, Manifest], copies: Collection[str]) -> Iterator[Refused]:
    """Yield which backups build on something that is not there, or not to be trusted."""
    known = dict(manifests)
    for stated in manifests.values():
        parent = stated.parent
        while parent is not None and parent in copies and parent not in known:
            try:
                known[parent] = site.manifest(set_name, parent)
            except Refused:  # what it says of itself is told where it is verified
                break
            parent = known[parent].parent
    for backup_id in sorted(manifests.keys() - lineages(known).keys()):
        what = f"{set_name}/{backup_id} builds on {manifests[backup_id].parent}, which is not there or is not whole"
        yield Refused("chain-broken", f"{what}; {AGAIN}")


def _read(site: Site, key: str) -> tuple[str | None, str | None, int]:
    """Return a segment's SHA-256 as it is and as it was sent, and its size: of one answer, as it may be sent again."""
    content, sent = site.read_with_sha256(key) or (None, None)
    return (None, None, 0) if content is None else (hashlib.sha256(content).hexdigest(), sent, len(content))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script; return its exit status."""
    return contract.run(verify, arguments)


if __name__ == "__main__":
    contract.leave(main())
