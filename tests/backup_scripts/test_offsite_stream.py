"""offsite_log and offsite_fetch with a streamed log: whole segments, and the unfinished one that stands in for none."""

import gzip
import secrets

import pytest

from drill.sites.line import Line
from tests.backup_scripts.test_offsite import MEBIBYTE, elsewhere, killed_when_dead, on
from tests.backup_scripts.test_offsite_log import SOURCE, name
from tests.repositories import written

FIRST, SECOND = (name(number).removesuffix(".gz") for number in (3, 4))


@pytest.fixture
def there(scripts, site):
    """The scripts, with the account that may write at the site."""
    written(scripts.home, source=SOURCE)
    return on(scripts, site)


def streamed(home, **contents: bytes) -> None:
    """Have the stream hold files: a segment's name, with __partial for one that is not finished."""
    place = home / "stream"
    place.mkdir(exist_ok=True)
    for each, content in contents.items():
        (place / each.replace("__", ".")).write_bytes(content)


def finish(home, segment: str, content: bytes) -> None:
    """Finish a segment as pg_receivewal does."""
    (home / "stream" / f"{segment}.partial").write_bytes(content)
    (home / "stream" / f"{segment}.partial").rename(home / "stream" / segment)


def at_site(site) -> dict[str, bytes]:
    beginning = "shop/stream/"
    return {
        key.removeprefix(beginning): gzip.decompress(site.content(key))
        for key in site.objects()
        if key.startswith(beginning)
    }


def fetched(there, site, tmp_path) -> dict[str, bytes]:
    there.done("offsite_copy")
    fetching = elsewhere(there, site, tmp_path)
    fetching.done("offsite_fetch")
    return {path.name: path.read_bytes() for path in (fetching.home / "stream").iterdir()}


def test_whole_segments_are_copied_once_and_the_unfinished_one_as_often_as_it_has_changed(there, site):
    streamed(there.home, **{FIRST: b"one", f"{SECOND}__partial": b"tw"})
    first, again = there.done("offsite_log"), there.done("offsite_log")
    streamed(there.home, **{f"{SECOND}__partial": b"two"})
    changed = there.done("offsite_log")

    assert [(2, 0), (0, 2), (1, 1)] == [(done["copied"], done["present"]) for done in (first, again, changed)]
    assert {f"{FIRST}.gz": b"one", f"{SECOND}.partial.gz": b"two"} == at_site(site)
    assert f"{SECOND}.partial" == changed["newest"]


def test_an_unfinished_segment_is_never_taken_for_the_whole_one(there, site, tmp_path):
    streamed(there.home, **{f"{FIRST}__partial": b"on"})
    there.done("offsite_log")
    finish(there.home, FIRST, b"one")
    there.done("offsite_log")
    (there.home / "stream" / f"{FIRST}.partial").write_bytes(b"o")
    there.done("offsite_log")

    assert {f"{FIRST}.gz": b"one", f"{FIRST}.partial.gz": b"on"} == at_site(site)
    assert {FIRST: b"one"} == fetched(there, site, tmp_path)


def test_the_stream_comes_back_from_the_backup_s_beginning_on_as_it_was_received(there, site, tmp_path):
    old, history = name(2).removesuffix(".gz"), "00000002.history"
    streamed(there.home, **{old: b"old", FIRST: b"one", "00000002__history": b"h", f"{SECOND}__partial": b"tw"})
    there.done("offsite_log")

    assert {FIRST: b"one", history: b"h", f"{SECOND}.partial": b"tw"} == fetched(there, site, tmp_path)


def test_what_is_here_is_left_as_it_is(there, site, tmp_path):
    streamed(there.home, **{f"{FIRST}__partial": b"on", SECOND: b"two"})
    there.done("offsite_log")
    fetching = elsewhere(there, site, tmp_path)
    fetching.home.mkdir(parents=True)
    streamed(fetching.home, **{FIRST: b"one"})
    there.done("offsite_copy")
    fetching.done("offsite_fetch")

    assert {FIRST, SECOND} == {path.name for path in (fetching.home / "stream").iterdir()}
    assert b"one" == (fetching.home / "stream" / FIRST).read_bytes()


@pytest.mark.parametrize("victim", [FIRST, f"{SECOND}.partial"])
def test_what_was_altered_at_the_site_is_refused_there_and_when_it_is_fetched(there, site, tmp_path, victim):
    streamed(there.home, **{FIRST: b"one", f"{SECOND}__partial": b"tw"})
    there.done("offsite_copy")
    there.done("offsite_log")
    right = on(there, site, "recovery").run("offsite_verify")
    site.replace(f"shop/stream/{victim}.gz", gzip.compress(b"else"))
    fetching = elsewhere(there, site, tmp_path)
    found = [on(there, site, "recovery").run("offsite_verify"), fetching.run("offsite_fetch")]

    assert 0 == right.status, right.said
    assert [(3, "checksum-mismatch")] * 2 == [(ran.status, ran.slug) for ran in found]
    assert not (fetching.home / "stream" / victim).exists()


@pytest.mark.parametrize("megabytes", [1, 3])
def test_a_killed_copy_leaves_no_hole_and_the_next_run_finishes_it(there, site, scripts, megabytes):
    contents = {name(number).removesuffix(".gz"): secrets.token_bytes(MEBIBYTE) for number in range(3, 8)}
    streamed(there.home, **contents)
    with Line(site, up=megabytes * MEBIBYTE) as line:
        killed_when_dead(line, on(scripts, line.site).start("offsite_log"))
    seen = sorted(at_site(site))
    there.done("offsite_log")

    assert [f"{each}.gz" for each in contents][: len(seen)] == seen
    assert len(seen) < len(contents)
    assert {f"{each}.gz": content for each, content in contents.items()} == at_site(site)


def test_whole_segments_are_locked_where_a_lock_is_wanted_and_the_unfinished_one_is_not(there, site, scripts):
    streamed(there.home, **{FIRST: b"one", f"{SECOND}__partial": b"tw"})
    locking = {"OFFSITE_LOCK_MODE": "compliance", "OFFSITE_LOCK_DAYS": "2", "BACKUP_NOW": ""}
    on(scripts, site, **locking).done("offsite_log")
    client = site.account("administrator").client()
    modes = [
        client.head_object(Bucket=site.bucket, Key=f"shop/stream/{each}.gz").get("ObjectLockMode")
        for each in (FIRST, f"{SECOND}.partial")
    ]

    assert ["COMPLIANCE", None] == modes
