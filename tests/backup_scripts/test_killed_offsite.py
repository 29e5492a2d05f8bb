"""offsite_copy and offsite_fetch, killed before each of their effects, against a real S3 server."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from drill.backups.catalogue import MANIFEST, contents, in_sight
from tests.backup_scripts.interruption import Interruption, points
from tests.backup_scripts.operating import Scripts
from tests.repositories import LAST_NIGHT, written

MEBIBYTE = 1 << 20
SMALL = {"data": b"all that there is"}
IN_PARTS = {"data": bytes(range(256)) * (5 * MEBIBYTE // 256) + b"the second part"}
CONNECTING = ("connect",)
"""Chance decides how many lines the parts of a file need."""
NAMES = ("OFFSITE_ACCESS_KEY_ID", "OFFSITE_SECRET_ACCESS_KEY")


def speaking(scripts: Scripts, site, role: str) -> Scripts:
    variables = site.account(role).variables(*NAMES)
    return scripts.on({**variables, "OFFSITE_PART_MEBIBYTES": "5", "BACKUP_NOW": LAST_NIGHT.isoformat()})


def stored(scripts: Scripts, site, name: str, files: Mapping[str, bytes]) -> Scripts:
    """The scripts, pointed at a set of its own with one backup."""
    written(scripts.repository / name, files=files)
    return replace(speaking(scripts, site, "backup"), set=name)


def at_site(site, scripts: Scripts) -> dict[str, bytes]:
    """What the site has of a set, by its path in the set."""
    beginning = f"{scripts.set}/"
    return {key.removeprefix(beginning): site.content(key) for key in site.objects() if key.startswith(beginning)}


def is_whole(seen: Mapping[str, bytes], backup: Mapping[str, bytes]) -> bool:
    """Whether nothing is partial under a final name, and no manifest is there before all that it tells of."""
    return seen.items() <= backup.items() and (seen == backup or not any(path.endswith(MANIFEST) for path in seen))


@pytest.mark.parametrize(
    ("files", "most", "seed"), [(SMALL, 40, 0), (IN_PARTS, 7, 1)], ids=["all of a small one", "in parts, seed 1"]
)
def test_a_copy_that_is_killed_anywhere_is_whole_or_none_and_is_finished_by_the_next(
    killing: Interruption, scripts, site, files, most, seed
):
    complete, wrong = (
        killing.run(stored(scripts, site, "undisturbed", files), "offsite_copy", not_counting=CONNECTING),
        [],
    )
    for at in points(complete, most=most, seed=seed):
        copying = stored(scripts, site, f"set-{at}", files)
        backup = contents(copying.home)
        killed = killing.killed(copying, "offsite_copy", at=at, not_counting=CONNECTING)
        if not is_whole(seen := at_site(site, copying), backup):
            wrong.append(f"{killed}: the site has {sorted(seen)}")
        finished = killing.run(copying, "offsite_copy", not_counting=CONNECTING)
        if not killed.killed or finished.status or at_site(site, copying) != backup:
            wrong.append(f"{killed}: then {finished.said}")
        if not backup.items() <= contents(copying.home).items():
            wrong.append(f"{killed}: the backup itself was hurt")

    assert [] == wrong
    assert [] == site.unfinished()


@pytest.mark.parametrize("seed", [2], ids=["seed 2"])
def test_a_fetch_that_is_killed_anywhere_is_whole_or_none_and_is_finished_by_the_next(
    killing: Interruption, scripts, site, tmp_path: Path, seed
):
    sending = stored(scripts, site, "shop", SMALL)
    sending.done("offsite_copy")
    copy, backup, wrong = at_site(site, sending), contents(sending.home), []
    backup.pop(".copying")
    reading = speaking(scripts, site, "recovery")
    complete = killing.run(
        replace(reading, repository=tmp_path / "undisturbed"), "offsite_fetch", not_counting=CONNECTING
    )
    for at in points(complete, most=7, seed=seed):
        fetching = replace(reading, repository=tmp_path / f"{at}")
        killed = killing.killed(fetching, "offsite_fetch", at=at, not_counting=CONNECTING)
        if in_sight(fetching.home) and not backup.items() <= contents(fetching.home).items():
            wrong.append(f"{killed}: {in_sight(fetching.home)} is not whole")
        finished = killing.run(fetching, "offsite_fetch", not_counting=CONNECTING)
        if not killed.killed or finished.status or contents(fetching.home) != {**backup, ".lock": b""}:
            wrong.append(f"{killed}: then {finished.said}{fetching.in_sight()}")

    assert [] == wrong
    assert copy == at_site(site, sending)


def test_a_manifest_before_its_files_or_half_a_file_would_be_seen():
    backup = {"1/data": b"data", f"1/{MANIFEST}": b"{}"}

    assert is_whole({}, backup)
    assert is_whole({"1/data": b"data"}, backup)
    assert is_whole(backup, backup)
    assert not is_whole({f"1/{MANIFEST}": b"{}"}, backup)
    assert not is_whole({"1/data": b"da"}, backup)
