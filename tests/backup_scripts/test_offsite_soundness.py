"""Off-site copies where something is not as it was meant: a lock that came later, damage, a line that breaks."""

import json
import os
import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from boto3.exceptions import RetriesExceededError

from backup_scripts.contract import Failed
from backup_scripts.offsite import Site
from drill.backups import offsite
from drill.commands import flushing
from drill.sites.attacks import locks
from tests.backup_scripts.test_backup_verify import flip
from tests.backup_scripts.test_offsite import SMALL, elsewhere, on
from tests.backup_scripts.test_offsite_log import archived, name
from tests.repositories import LAST_NIGHT, written


def test_a_copy_from_before_a_lock_was_wanted_is_locked_by_the_next_run(scripts, site):
    locking = {"OFFSITE_LOCK_MODE": "compliance", "OFFSITE_LOCK_DAYS": "2", "BACKUP_NOW": ""}
    finished = datetime.now(UTC)
    written(scripts.home, finished=finished, files=SMALL)
    on(scripts, site).done("offsite_copy")
    before = locks(site)
    again = on(scripts, site, **locking).done("offsite_copy")

    assert {None} == set(before.values())
    assert before.keys() == locks(site).keys()
    assert all(until and until >= finished + timedelta(days=2) for until in locks(site).values())
    assert ([], 0) == (again["copied"], again["sent_bytes"])


@pytest.mark.parametrize("is_named", [False, True], ids=["all", "one by its name"])
def test_a_copy_that_lacks_what_it_builds_on_is_refused_where_it_is(scripts, site, is_named):
    first = written(scripts.home, files=SMALL)
    second = written(scripts.home, finished=LAST_NIGHT + timedelta(hours=1), files=SMALL, parent=first.id)
    third = written(scripts.home, finished=LAST_NIGHT + timedelta(hours=2), files=SMALL, parent=second.id)
    on(scripts, site).done("offsite_copy")
    for key in site.objects():
        if first.id in key:
            site.hide(key)
    ran = on(scripts, site, "recovery", BACKUP_ID=third.id if is_named else "").run("offsite_verify")

    assert (3, "chain-broken") == (ran.status, ran.slug), ran.said


def test_all_that_is_wrong_at_the_site_is_told_and_what_is_right_is_verified(scripts, site):
    hour = timedelta(hours=1)
    altered, robbed, stranger, sound = (
        written(scripts.home, finished=LAST_NIGHT + number * hour, files=SMALL) for number in range(4)
    )
    child = written(scripts.home, finished=LAST_NIGHT + 4 * hour, files=SMALL, parent=stranger.id)
    archived(scripts.home, name(1), name(2))
    on(scripts, site).done("offsite_copy")
    on(scripts, site).done("offsite_log")
    site.replace(f"shop/{altered.id}/data", b"some Data")
    site.replace(f"shop/{altered.id}/more", b"more Data")
    site.hide(f"shop/{robbed.id}/data")
    site.replace(f"shop/{stranger.id}/manifest.json", b"{}")
    site.replace(f"shop/wal/{name(1)}", b"something else")
    ran = on(scripts, site, "recovery").run("offsite_verify")
    lines = ran.said.splitlines()

    assert 3 == ran.status, ran.said
    assert {
        ("manifest-invalid", stranger.id),
        ("chain-broken", child.id),
        ("checksum-mismatch", f"{altered.id}/data"),
        ("checksum-mismatch", f"{altered.id}/more"),
        ("file-missing", f"{robbed.id}/data"),
        ("checksum-mismatch", f"wal/{name(1)}"),
    } == {
        (slug, each)
        for slug, each in (
            (line.split(": ")[1], re.search("shop/([^:, ]+)", line)[1]) for line in lines if line.startswith("error: ")
        )
    }
    assert [sound.id, child.id] == [line.rpartition("/")[2] for line in lines if line.startswith("verified ")]


@pytest.mark.parametrize("spoil", ["alter", "close"])
def test_a_damaged_backup_keeps_no_other_from_being_copied(scripts, site, spoil):
    hour = timedelta(hours=1)
    damaged = written(scripts.home, files=SMALL)
    written(scripts.home, finished=LAST_NIGHT + hour, files=SMALL, parent=damaged.id)
    also_damaged, sound = (written(scripts.home, finished=LAST_NIGHT + each * hour, files=SMALL) for each in (2, 3))
    for backup in (damaged, also_damaged):
        if spoil == "alter":
            flip(backup.directory / "data")
        else:
            (backup.directory / "data").chmod(0)
    copying = on(scripts, site)
    if spoil == "close" and os.geteuid() == 0:
        copying = copying.under("setpriv", "--bounding-set=-dac_override,-dac_read_search")
    ran = copying.run("offsite_copy")
    slug = {"alter": "checksum-mismatch", "close": "file-unreadable"}[spoil]
    errors = [line for line in ran.said.splitlines() if line.startswith("error: ")]

    assert 3 == ran.status, ran.said
    assert [(slug, each.id) for each in (also_damaged, damaged)] == [
        (line.split(": ")[1], line.split("/data")[0].rpartition("/")[2]) for line in errors
    ]
    assert [sound.id] == offsite.restore_points(site)


def test_a_copy_that_is_another_one_s_keeps_no_backup_from_being_copied(scripts, site):
    first = written(scripts.home, files=SMALL)
    on(scripts, site).done("offsite_copy")
    site.replace(f"shop/{first.id}/manifest.json", b"{}")
    second = written(scripts.home, finished=LAST_NIGHT + timedelta(hours=1), files=SMALL)
    ran = on(scripts, site).run("offsite_copy")

    assert (1, "copy-differs") == (ran.status, ran.slug)
    assert f"shop/{first.id}/manifest.json" in ran.said
    assert [first.id, second.id] == offsite.restore_points(site)


@pytest.mark.parametrize("damaged", ["the older", "the newest"])
def test_a_damaged_copy_keeps_only_an_older_one_from_being_fetched(scripts, site, tmp_path, damaged):
    older = written(scripts.home, files=SMALL)
    newest = written(scripts.home, finished=LAST_NIGHT + timedelta(hours=1), files=SMALL)
    on(scripts, site).done("offsite_copy")
    key = f"shop/{(older if damaged == 'the older' else newest).id}/manifest.json"
    site.replace(key, json.dumps(json.loads(site.content(key)) | {"schema": 99}).encode())
    ran = elsewhere(scripts, site, tmp_path).run("offsite_fetch")

    if damaged == "the older":
        assert [newest.id] == ran.result["fetched"]
        assert f"passed over: manifest-invalid: {site.bucket}" in ran.said
    else:
        assert (3, "manifest-invalid") == (ran.status, ran.slug)
        assert f"BACKUP_ID={older.id}" in ran.said


def test_what_is_fetched_into_a_new_place_is_on_disk_and_so_is_the_name_of_its_set(scripts, site, tmp_path):
    written(scripts.home, files=SMALL)
    on(scripts, site).done("offsite_copy")
    fetching = elsewhere(scripts, site, tmp_path)
    fetching.on(flushing.variables(fetching.repository)).done("offsite_fetch")
    flushed = fetching.repository.with_name("elsewhere.flushes").read_text().splitlines()

    assert {"flushed": str(fetching.repository)} in map(json.loads, flushed)


def test_a_line_that_breaks_again_and_again_is_told(tmp_path):
    def download_file(*_: object, **_options: object) -> None:
        raise RetriesExceededError(ConnectionResetError())

    with pytest.raises(Failed, match="site-unreachable"):
        Site(SimpleNamespace(download_file=download_file), "bucket", "").download("key", tmp_path / "file")
