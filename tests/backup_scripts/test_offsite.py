"""offsite_copy, offsite_fetch, offsite_verify: on a real S3 server, cut off at every stage of a transfer."""

import json
import os
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backup_scripts.offsite_upload import part_bytes
from drill.backups import offsite
from drill.runtimes.workspace import write_private
from drill.sites.line import Line
from drill.sites.versions import hide
from drill.waiting import Patience, eventually
from tests.backup_scripts.operating import Scripts, ended, mounted, restate
from tests.repositories import LAST_NIGHT, written

MEBIBYTE = 1 << 20
NAMES = ("OFFSITE_ACCESS_KEY_ID", "OFFSITE_SECRET_ACCESS_KEY")
LARGE = {"data/large": secrets.token_bytes(12 * MEBIBYTE + 1), "small": b"small", "empty": b""}
SMALL = {"data": b"some data", "more": b"more data"}


@pytest.fixture
def there(scripts, site):
    """The scripts, with the account that may write at the site."""
    return on(scripts, site)


def on(scripts: Scripts, site, role: str = "backup", **more: str) -> Scripts:
    variables = site.account(role).variables(*NAMES)
    usual = {"OFFSITE_PART_MEBIBYTES": "5", "BACKUP_NOW": LAST_NIGHT.isoformat()}
    return scripts.on({**variables, **usual, **more})


def killed_when_dead(line: Line, process):
    eventually("the line to go dead", lambda: line.is_dead or process.poll() is not None, Patience.BACKUP_BEGUN)
    process.kill()
    return ended(process)


def elsewhere(scripts: Scripts, site, tmp_path, **more: str) -> Scripts:
    """The scripts in another place, with an account that may only read."""
    fresh = Scripts(tmp_path / "elsewhere", {}, options=scripts.options)
    return on(fresh, site, "recovery", **more)


def test_a_copy_is_the_backup_and_comes_back_as_it_was(there, site, tmp_path):
    backup = written(there.home, files=LARGE)
    copied = there.done("offsite_copy")
    fetching = elsewhere(there, site, tmp_path)
    fetched = fetching.done("offsite_fetch")

    assert ([backup.id], [], []) == (copied["copied"], copied["present"], copied["ignored"])
    assert {
        f"shop/{backup.id}/{path}": len(content) for path, content in LARGE.items()
    }.items() <= site.objects().items()
    assert (backup.id, [backup.id]) == (fetched["id"], fetched["fetched"])
    assert {path: (fetching.home / backup.id / path).read_bytes() for path in LARGE} == LARGE
    assert {0o700} == {path.stat().st_mode & 0o777 for path in fetching.home.rglob("*") if path.is_dir()}
    assert {0o600} == {path.stat().st_mode & 0o777 for path in fetching.home.rglob("*") if path.is_file()}
    assert [backup.id] == on(there, site, "recovery").done("offsite_verify")["verified"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small disk")
def test_a_copy_that_does_not_fit_is_no_backup_where_it_is_fetched_to(there, site, tmp_path):
    written(there.home, files=LARGE)
    there.done("offsite_copy")
    place = tmp_path / "elsewhere"
    place.mkdir()
    with mounted(place, "size=4m"):
        fetching = elsewhere(there, site, tmp_path)
        fetched, left = fetching.run("offsite_fetch"), fetching.in_sight()

    assert (1, "disk-full") == (fetched.status, fetched.slug), fetched.said
    assert not [name for name in left if not name.startswith(".partial-")]


def test_what_is_there_is_not_sent_again(there):
    backup = written(there.home, files=LARGE)
    there.done("offsite_copy")
    again = there.done("offsite_copy")

    assert ([], [backup.id], 0) == (again["copied"], again["present"], again["sent_bytes"])


def test_what_was_sent_in_parts_of_another_size_is_not_sent_again(there, site, scripts):
    backup = written(there.home, files=LARGE)
    there.done("offsite_copy")
    site.hide(f"shop/{backup.id}/manifest.json")
    again = on(scripts, site, OFFSITE_PART_MEBIBYTES="7").done("offsite_copy")

    assert ([backup.id], []) == (again["copied"], again["present"])
    assert sum(map(len, LARGE.values())) == again["spared_bytes"]


@pytest.mark.parametrize(("megabytes", "part"), [(1, 8), (2_000, 8), (80_000, 8), (200_000, 20), (400_000, 40)])
def test_a_file_is_sent_in_no_more_parts_than_a_site_takes(megabytes, part):
    size = megabytes * MEBIBYTE

    assert part == -(-part_bytes(size) // MEBIBYTE)
    assert size <= 10_000 * part_bytes(size)


def test_a_chain_goes_and_comes_whole_the_first_one_first(there, site, tmp_path):
    first = written(there.home, files=SMALL)
    last = written(there.home, finished=LAST_NIGHT + timedelta(hours=1), files=SMALL, parent=first.id)
    lone = written(there.home, finished=LAST_NIGHT + timedelta(hours=2), files=SMALL, parent="20200101T000000Z-full")
    copied = there.done("offsite_copy")
    fetched = elsewhere(there, site, tmp_path, BACKUP_ID=last.id).done("offsite_fetch")

    assert ([first.id, last.id], [lone.id]) == (copied["copied"], copied["ignored"])
    assert [first.id, last.id] == fetched["fetched"]


@pytest.mark.parametrize("megabytes", [1, 6, 11])
def test_a_killed_copy_is_none_and_the_next_run_sends_only_the_rest(there, site, scripts, megabytes):
    backup = written(there.home, files=LARGE)
    with Line(site, up=megabytes * MEBIBYTE) as line:
        killed_when_dead(line, on(scripts, line.site).start("offsite_copy"))
    seen = offsite.restore_points(site), [key for key in site.objects() if key.endswith("large")]
    arrived = site.begun_bytes()
    finished = there.done("offsite_copy")

    assert ([], []) == seen
    assert [backup.id] == offsite.restore_points(site)
    assert sum(map(len, LARGE.values())) == finished["sent_bytes"] + finished["spared_bytes"] - len(
        (backup.directory / "manifest.json").read_bytes()
    )
    assert arrived <= finished["spared_bytes"]
    assert [] == site.unfinished()


@pytest.mark.parametrize("megabytes", [1, 9])
def test_a_killed_fetch_leaves_nothing_that_looks_complete_and_the_next_run_finishes_it(
    there, site, tmp_path, megabytes
):
    backup = written(there.home, files={"a": secrets.token_bytes(6 * MEBIBYTE), "b": secrets.token_bytes(6 * MEBIBYTE)})
    there.done("offsite_copy")
    with Line(site, down=megabytes * MEBIBYTE) as line:
        fetching = elsewhere(there, line.site, tmp_path)
        killed_when_dead(line, fetching.start("offsite_fetch"))
    seen = [name for name in fetching.in_sight() if not name.startswith(".")]
    done = elsewhere(there, site, tmp_path).done("offsite_fetch")

    assert [] == seen
    assert [backup.id] == fetching.in_sight()
    assert (12 if megabytes == 1 else 6) * MEBIBYTE == done["bytes"]


def test_a_damaged_backup_is_not_copied(there, site):
    backup = written(there.home, files=LARGE)
    (backup.directory / "data/large").write_bytes(b"x" + LARGE["data/large"][1:])
    ran = there.run("offsite_copy")

    assert (3, "checksum-mismatch") == (ran.status, ran.slug)
    assert [] == offsite.restore_points(site)
    assert f"shop/{backup.id}/data/large" not in site.objects()


def test_an_altered_copy_is_refused_where_it_is_and_when_it_is_fetched(there, site, tmp_path):
    written(there.home, files=LARGE)
    there.done("offsite_copy")
    offsite.alter(site)
    verified = on(there, site, "recovery").run("offsite_verify")
    fetching = elsewhere(there, site, tmp_path)
    fetched = fetching.run("offsite_fetch")

    assert [(3, "checksum-mismatch")] * 2 == [(ran.status, ran.slug) for ran in (verified, fetched)]
    assert [] == [name for name in fetching.in_sight() if not name.startswith(".")]


def test_what_was_overwritten_and_removed_by_its_name_comes_back_as_of_a_moment_before(there, site, tmp_path):
    backup = written(there.home, files=LARGE)
    nothing_yet = datetime.now(UTC) - timedelta(minutes=1)
    there.done("offsite_copy")
    before = hide(site)
    now = elsewhere(there, site, tmp_path).run("offsite_fetch")
    too_early = elsewhere(there, site, tmp_path, OFFSITE_AS_OF=nothing_yet.isoformat()).run("offsite_fetch")
    fetching = elsewhere(there, site, tmp_path, OFFSITE_AS_OF=before.isoformat())
    verified, fetched = fetching.done("offsite_verify"), fetching.done("offsite_fetch")

    assert [(3, "no-such-backup")] * 2 == [(ran.status, ran.slug) for ran in (now, too_early)]
    assert [backup.id] == verified["verified"] == fetched["fetched"]
    assert [[], [], [backup.id]] == [offsite.restore_points(site, as_of=at) for at in (None, nothing_yet, before)]
    assert {path: (fetching.home / backup.id / path).read_bytes() for path in LARGE} == LARGE


def test_a_moment_that_is_none_is_told(there):
    assert "wrong-time" == there.on({"OFFSITE_AS_OF": "yesterday"}).run("offsite_fetch").slug


def test_another_backup_under_the_same_name_is_noticed(there):
    backup = written(there.home, files=SMALL)
    there.done("offsite_copy")
    restate(backup.directory, tier="monthly")

    assert "copy-differs" == there.run("offsite_copy").slug


def test_the_manifest_of_a_stranger_is_refused(there, site, tmp_path):
    backup = written(there.home, files=SMALL)
    there.done("offsite_copy")
    key = f"shop/{backup.id}/manifest.json"
    stated = json.loads(site.content(key))
    stated["files"][0]["path"] = "../../escaped"
    site.replace(key, json.dumps(stated).encode())
    ran = elsewhere(there, site, tmp_path).run("offsite_fetch")

    assert (3, "manifest-invalid") == (ran.status, ran.slug)
    assert not (tmp_path / "elsewhere" / "escaped").exists()


def test_what_is_here_and_damaged_is_not_overwritten(there, site):
    backup = written(there.home, files=SMALL)
    there.done("offsite_copy")
    (backup.directory / "data").write_bytes(b"some Data")
    ran = on(there, site, "recovery").run("offsite_fetch")

    assert (3, "checksum-mismatch", b"some Data") == (ran.status, ran.slug, (backup.directory / "data").read_bytes())


def test_an_account_that_may_only_read_cannot_copy(scripts, site):
    written(scripts.home, files=SMALL)

    assert "site-denied" == on(scripts, site, "recovery").run("offsite_copy").slug
    assert {} == site.objects()


def test_credentials_come_from_a_file_that_nobody_else_reads(scripts, site, tmp_path):
    written(scripts.home, files=SMALL)
    account = site.account("backup")
    file = tmp_path / "site.credentials"
    write_private(file, f"{NAMES[0]} = {account.key}\n{NAMES[1]} = {account.secret}\n")
    place = {
        "OFFSITE_ENDPOINT": account.endpoint,
        "OFFSITE_BUCKET": account.bucket,
        "OFFSITE_CREDENTIALS_FILE": str(file),
    }
    copied = scripts.on(place).run("offsite_copy")
    file.chmod(0o644)
    exposed = scripts.on(place).run("offsite_copy")

    assert 0 == copied.status, copied.said
    assert (3, "credentials-exposed") == (exposed.status, exposed.slug)
    assert account.secret not in copied.said + copied.output + exposed.said


def test_the_ambient_credentials_of_production_are_not_taken(scripts, site):
    written(scripts.home, files=SMALL)
    account = site.account("backup")
    place = {"OFFSITE_ENDPOINT": account.endpoint, "OFFSITE_BUCKET": account.bucket}
    ambient = {"AWS_ACCESS_KEY_ID": account.key, "AWS_SECRET_ACCESS_KEY": account.secret}
    ran = scripts.on(place | ambient).run("offsite_copy")

    assert (2, "environment-missing") == (ran.status, ran.slug)


def test_a_lock_that_is_wanted_is_there_or_the_copy_fails(scripts, site, site_server):
    written(scripts.home, files=LARGE)
    locking = {"OFFSITE_LOCK_MODE": "compliance", "OFFSITE_LOCK_DAYS": "2", "BACKUP_NOW": LAST_NIGHT.isoformat()}
    ran = on(scripts, site, **locking).run("offsite_copy")

    assert 1 == ran.status  # the backup is months old here, and the storage refuses a term that is over
    assert "site-refused" == ran.slug


def test_two_copies_of_a_set_do_not_run_at_once(there, site, scripts):
    written(there.home, files=LARGE)
    with Line(site, up=6 * MEBIBYTE) as line, on(scripts, line.site).start("offsite_copy") as first:
        eventually("the line to go dead", lambda: line.is_dead, Patience.BACKUP_BEGUN)
        second = there.run("offsite_copy")
        first.kill()

    assert "copy-busy" == second.slug


def test_a_site_that_is_not_there_is_told(scripts, site):
    written(scripts.home, files=SMALL)
    variables = {"OFFSITE_ENDPOINT": "http://127.0.0.1:1"}

    assert "site-unreachable" == on(scripts, site, **variables).run("offsite_copy").slug


@pytest.mark.parametrize("script", ["offsite_fetch", "offsite_verify"])
def test_where_no_copy_is_complete_there_is_none(scripts, site, script):
    assert "no-such-backup" == on(scripts, site, "recovery").run(script).slug


def test_secrets_are_nobodys_arguments(there, site, scripts):
    written(there.home, files=LARGE)
    secret = there.environment[NAMES[1]]
    with Line(site, up=MEBIBYTE) as line, on(scripts, line.site).start("offsite_copy") as process:
        eventually("the line to go dead", lambda: line.is_dead, Patience.BACKUP_BEGUN)
        told = Path("/proc", str(process.pid), "cmdline").read_bytes()
        process.kill()

    assert told
    assert secret.encode() not in told
