"""Off-site copies where something is not as it was meant: a lock that came later, damage, a line that breaks."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from boto3.exceptions import RetriesExceededError

from backup_scripts.contract import Failed
from backup_scripts.offsite import Site
from drill.sites.attacks import locks
from tests.backup_scripts.test_offsite import SMALL, elsewhere, on
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


def test_a_copy_that_lacks_what_it_builds_on_is_refused_where_it_is(scripts, site):
    first = written(scripts.home, files=SMALL)
    written(scripts.home, finished=LAST_NIGHT + timedelta(hours=1), files=SMALL, parent=first.id)
    on(scripts, site).done("offsite_copy")
    for key in site.objects():
        if first.id in key:
            site.hide(key)
    ran = on(scripts, site, "recovery").run("offsite_verify")

    assert (3, "chain-broken") == (ran.status, ran.slug), ran.said


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


def test_a_line_that_breaks_again_and_again_is_told(tmp_path):
    def download_file(*_: object, **_options: object) -> None:
        raise RetriesExceededError(ConnectionResetError())

    with pytest.raises(Failed, match="site-unreachable"):
        Site(SimpleNamespace(download_file=download_file), "bucket", "").download("key", tmp_path / "file")
