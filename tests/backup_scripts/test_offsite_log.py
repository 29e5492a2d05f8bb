"""offsite_log and what offsite_fetch brings of it: in order, without a hole, and nothing that was not archived."""

import hashlib
import secrets
from datetime import timedelta

import pytest

from backup_scripts import wal_index
from drill.sites.line import Line
from tests.backup_scripts.test_offsite import MEBIBYTE, elsewhere, killed_when_dead, on
from tests.repositories import written

SIZE = 16 * MEBIBYTE
SOURCE = {"engine": "postgres", "timeline": 1, "start_lsn": "0/3000028", "wal_segment_size": SIZE}


@pytest.fixture
def there(scripts, site):
    """The scripts, with the account that may write at the site."""
    return on(scripts, site)


def name(number: int, timeline: int = 1) -> str:
    return f"{timeline:08X}{0:08X}{number:08X}.gz"


SEGMENTS = {name(number): secrets.token_bytes(MEBIBYTE) for number in range(1, 6)}


def archived(home, *names: str, content=lambda name: name.encode() * 100) -> dict[str, bytes]:
    """Archive files as postgres_wal does."""
    place = home / "wal"
    place.mkdir(parents=True, exist_ok=True)
    with (place / "archive.sha256").open("a") as index:
        for each in names:
            (place / each).write_bytes(content(each))
            index.write(f"{hashlib.sha256(content(each)).hexdigest()}  {each}\n")
    return {each: content(each) for each in names}


def at_site(site) -> list[str]:
    return sorted(key.removeprefix("shop/wal/") for key in site.objects() if key.startswith("shop/wal/"))


def test_what_was_archived_is_copied_once(there, site):
    archived(there.home, name(1), name(2))
    first = there.done("offsite_log")
    archived(there.home, name(3))
    second = there.done("offsite_log")

    assert [(2, 0, name(2)), (1, 2, name(3))] == [
        (done["copied"], done["present"], done["newest"]) for done in (first, second)
    ]
    assert [name(1), name(2), name(3)] == at_site(site)


def test_a_set_whose_log_nobody_archives_has_nothing_to_copy(there, site):
    written(there.home)

    assert (0, None) == ((done := there.done("offsite_log"))["copied"], done["newest"])


@pytest.mark.parametrize(("damage", "reason"), [("altered", "checksum-mismatch"), ("lost", "wal-missing")])
def test_what_is_not_as_it_was_archived_is_told_by_every_run_and_what_follows_is_copied(there, site, damage, reason):
    archived(there.home, *map(name, range(1, 6)))
    victims = [there.home / "wal" / name(number) for number in (2, 4)]
    for victim in victims:
        victim.unlink() if damage == "lost" else victim.write_bytes(b"x" + victim.read_bytes()[1:])
    first = there.run("offsite_log")
    archived(there.home, name(6))
    second = there.run("offsite_log")
    told = [[line.split(": ")[1] for line in ran.said.splitlines() if "error: " in line] for ran in (first, second)]

    assert [(3, reason)] * 2 == [(ran.status, ran.slug) for ran in (first, second)]
    assert [[reason] * 2] * 2 == told
    assert all(victim.name in ran.said for victim in victims for ran in (first, second))
    assert [name(1), name(3), name(5), name(6)] == at_site(site)


def test_a_segment_that_has_been_found_again_fills_its_hole(there, site):
    archived(there.home, *map(name, range(1, 4)))
    lost = there.home / "wal" / name(2)
    kept = lost.read_bytes()
    lost.unlink()
    there.run("offsite_log")
    lost.write_bytes(kept)
    mended = there.done("offsite_log")

    assert (1, 2) == (mended["copied"], mended["present"])
    assert [name(1), name(2), name(3)] == at_site(site)


def test_a_hole_in_what_was_archived_keeps_nothing_of_the_stream_here(there, site):
    archived(there.home, name(1))
    (there.home / "wal" / name(1)).unlink()
    (there.home / "stream").mkdir()
    (there.home / "stream" / name(2).removesuffix(".gz")).write_bytes(b"streamed")
    ran = there.run("offsite_log")

    assert (3, "wal-missing") == (ran.status, ran.slug)
    assert f"shop/stream/{name(2)}" in site.objects()


@pytest.mark.parametrize("megabytes", [1, 4])
def test_a_killed_copy_leaves_no_hole_and_the_next_run_finishes_it(there, site, scripts, megabytes):
    contents = archived(there.home, *map(name, range(1, 6)), content=SEGMENTS.__getitem__)
    with Line(site, up=megabytes * MEBIBYTE) as line:
        killed_when_dead(line, on(scripts, line.site).start("offsite_log"))
    seen = at_site(site)
    there.done("offsite_log")

    assert list(contents)[: len(seen)] == seen
    assert len(seen) < len(contents)
    assert list(contents) == at_site(site)


def test_a_backup_is_fetched_with_its_log_from_its_beginning_on(there, site, tmp_path):
    written(there.home, source=SOURCE)
    history = "00000002.history.gz"
    contents = archived(there.home, name(2), name(3), name(4), history, name(5, timeline=2))
    there.done("offsite_copy")
    there.done("offsite_log")
    fetching = elsewhere(there, site, tmp_path)
    fetched = fetching.done("offsite_fetch")
    again = fetching.done("offsite_fetch")
    place = fetching.home / "wal"
    listed = dict(reversed(line.split("  ")) for line in (place / "archive.sha256").read_text().splitlines())

    wanted = {each: content for each, content in contents.items() if each != name(2)}
    assert wanted == {path.name: path.read_bytes() for path in place.glob("*.gz")}
    assert {each: hashlib.sha256(content).hexdigest() for each, content in wanted.items()} == listed
    assert {0o600} == {path.stat().st_mode & 0o777 for path in place.iterdir()}
    assert 0o700 == place.stat().st_mode & 0o777
    assert fetched["bytes"] > again["bytes"] == 0


def test_a_line_that_a_crash_cut_off_takes_no_other_with_it(there, site, tmp_path):
    written(there.home, source=SOURCE)
    kept = archived(there.home, name(3), name(4))
    there.done("offsite_copy")
    there.done("offsite_log")
    fetching = elsewhere(there, site, tmp_path)
    (fetching.home / "wal").mkdir(parents=True)
    (fetching.home / "wal/archive.sha256").write_text("0123abc  00000001000")
    fetching.done("offsite_fetch")

    assert kept.keys() == wal_index.recorded(fetching.home).keys()


def test_the_log_is_not_fetched_with_what_does_not_need_it(there, site, tmp_path):
    written(there.home)
    archived(there.home, name(3))
    there.done("offsite_copy")
    there.done("offsite_log")
    fetching = elsewhere(there, site, tmp_path)
    fetching.done("offsite_fetch")

    assert not (fetching.home / "wal").exists()


def test_a_segment_that_was_altered_at_the_site_is_refused_there_and_when_it_is_fetched(there, site, tmp_path):
    written(there.home, source=SOURCE)
    archived(there.home, name(3), name(4))
    there.done("offsite_copy")
    there.done("offsite_log")
    right = on(there, site, "recovery").run("offsite_verify")
    site.replace(f"shop/wal/{name(4)}", b"something else")
    verified = on(there, site, "recovery").run("offsite_verify")
    fetching = elsewhere(there, site, tmp_path)
    fetched = fetching.run("offsite_fetch")

    assert 0 == right.status, right.said
    assert [(3, "checksum-mismatch")] * 2 == [(ran.status, ran.slug) for ran in (verified, fetched)]
    assert not (fetching.home / "wal" / name(4)).exists()


def test_a_name_that_leads_elsewhere_is_not_followed(there, site, tmp_path):
    written(there.home, source=SOURCE)
    archived(there.home, name(3))
    there.done("offsite_copy")
    there.done("offsite_log")
    site.replace(f"shop/wal/deeper/{name(4)}", b"elsewhere")
    site.replace(f"shop/wal/.{name(4)}", b"hidden")
    fetching = elsewhere(there, site, tmp_path)
    fetching.done("offsite_fetch")

    assert [] == list(tmp_path.rglob(f"*{name(4)}"))


def test_a_copied_segment_is_locked_where_a_lock_is_wanted(scripts, site):
    archived(scripts.home, name(1))
    locking = {"OFFSITE_LOCK_MODE": "compliance", "OFFSITE_LOCK_DAYS": "2", "BACKUP_NOW": ""}
    on(scripts, site, **locking).done("offsite_log")
    client = site.account("administrator").client()
    head = client.head_object(Bucket=site.bucket, Key=f"shop/wal/{name(1)}")

    assert "COMPLIANCE" == head["ObjectLockMode"]
    assert head["ObjectLockRetainUntilDate"] > head["LastModified"] + timedelta(days=1)


def test_secrets_of_the_site_are_needed(scripts):
    archived(scripts.home, name(1))

    assert (2, "environment-missing") == ((ran := scripts.run("offsite_log")).status, ran.slug)
