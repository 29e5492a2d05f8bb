"""Backups and logs for the tests of the inventory, and what is found wrong with them."""

import hashlib
import json
from datetime import timedelta

from drill import inventory
from drill.inventory.presentation import every_flaw
from tests.repositories import LAST_NIGHT, state, stated, written

DAY = timedelta(days=1)
NOW = LAST_NIGHT + timedelta(hours=10)


def named(home, *, finished=LAST_NIGHT, kind="full", **facts):
    """A backup whose name, kind and checksum fit together."""
    backup = written(home, finished=finished, kind=kind, **facts)
    if kind != "full":
        place = backup.directory.rename(backup.directory.with_name(backup.id.replace("full", kind)))
        state(place, stated(place) | {"id": place.name})
        return place.name
    return backup.directory


def sealed(directory, **facts):
    """State facts with the manifest's own checksum."""
    fields = stated(directory) | facts
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
    state(directory, fields | {"manifest_sha256": hashlib.sha256(canonical).hexdigest()})


def flaws(repository, **options):
    return [(entry, flaw.kind) for _, entry, flaw in every_flaw(inventory.take(repository, now=NOW, **options))]


SEGMENTS = [f"0000000100000000000000{number:02X}" for number in range(2, 8)]
PHYSICAL = {"timeline": 1, "start_lsn": "0/4000028", "wal_segment_size": 16 * 1024 * 1024}


def archive(place, name):
    (place / name).write_bytes(name.encode())
    with (place / "archive.sha256").open("a") as record:
        record.write(f"{hashlib.sha256(name.encode()).hexdigest()}  {name}\n")
