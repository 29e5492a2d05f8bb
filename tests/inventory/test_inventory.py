"""The inventory of a repository: what it holds, and everything of it that does not hold."""

import os
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill import inventory
from drill.backups.catalogue import MANIFEST, contents
from drill.errors import DrillError
from drill.inventory import Entry, chains
from tests.inventory.stored import DAY, NOW, PHYSICAL, flaws, named, sealed
from tests.repositories import FILES, LAST_NIGHT, state, stated


def test_a_sound_repository_holds(repository, home, backup):
    named(home, finished=LAST_NIGHT - 2 * DAY, tier="weekly", retain_until=(LAST_NIGHT + DAY).isoformat())
    found = inventory.take(repository, now=NOW, hashing=True)
    (redis,) = found.sets

    assert found.holds
    assert ("redis", 2, 2) == (redis.name, redis.points, redis.chains)
    assert [LAST_NIGHT - 2 * DAY, LAST_NIGHT] == [entry.finished for entry in redis.entries]
    assert ("weekly", LAST_NIGHT + DAY) == (redis.entries[0].tier, redis.entries[0].retain_until)
    assert 2 * sum(map(len, FILES.values())) == redis.stored_bytes == redis.source_bytes
    assert sum(map(len, FILES.values())) == redis.growth_per_day


def test_an_inventory_touches_nothing(repository, home, backup):
    before = contents(repository)
    inventory.take(repository, now=NOW, hashing=True)

    assert before == contents(repository)


DAMAGE = {
    "manifest-missing": lambda place: (place / MANIFEST).unlink(),
    "manifest-invalid": lambda place: (place / MANIFEST).write_text("{"),
    "manifest-foreign": lambda place: state(place, stated(place) | {"set": "postgres"}),
    "file-missing": lambda place: (place / "small").unlink(),
    "size-differs": lambda place: (place / "small").write_bytes(b"smal"),
    "file-unlisted": lambda place: (place / "data" / "more").write_bytes(b"more"),
    "sum-differs": lambda place: state(place, stated(place) | {"stored_bytes": 1}),
    "time-ahead": lambda place: state(place, stated(place) | {"finished": (NOW + DAY).isoformat()}),
    "time-differs": lambda place: state(
        place,
        stated(place) | {"started": (LAST_NIGHT - 2 * DAY).isoformat(), "finished": (LAST_NIGHT - DAY).isoformat()},
    ),
    "kind-differs": lambda place: state(place, stated(place) | {"kind": "snapshot"}),
    "term-over-at-once": lambda place: state(place, stated(place) | {"retain_until": (LAST_NIGHT - DAY).isoformat()}),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_what_does_not_hold_is_flagged_and_nothing_else(repository, home, backup, kind):
    named(home, finished=LAST_NIGHT - DAY)
    assert [] == flaws(repository)
    DAMAGE[kind](backup)

    assert [(backup.name, kind)] == flaws(repository)


def test_a_link_in_place_of_a_file_is_no_file(repository, backup):
    (backup / "small").rename(backup.parent.parent / "small")
    (backup / "small").symlink_to(backup.parent.parent / "small")

    assert [(backup.name, "file-missing")] == flaws(repository)


def test_one_altered_bit_is_found_by_reading(repository, backup):
    content = bytearray((backup / "small").read_bytes())
    content[0] ^= 1
    (backup / "small").write_bytes(content)

    assert [] == flaws(repository)
    assert [(backup.name, "checksum-differs")] == flaws(repository, hashing=True)


def alter(backup):
    (backup / "small").write_bytes(bytes(len((backup / "small").read_bytes())))


def test_for_the_restore_of_one_backup_it_is_read_with_what_it_builds_on_and_nothing_else(repository, home, chain):
    lone, elsewhere = named(home, finished=LAST_NIGHT), named(repository / "postgres", finished=LAST_NIGHT)
    for altered in (home / chain[0], home / chain[2], lone, elsewhere):
        alter(altered)

    def read(restoring):
        return {entry for entry, kind in flaws(repository, hashing=True, restoring=restoring) if "differs" in kind}

    assert {chain[0]} == read(chain[1])
    assert {chain[0], chain[2]} == read(chain[2])
    assert {lone.name} == read(lone.name)
    assert set() == read("20000101T000000.000000Z-full")


def test_for_the_restore_of_one_of_a_circle_all_of_it_is_read(repository, home, chain):
    state(home / chain[0], stated(home / chain[0]) | {"parent": chain[2]})
    alter(home / chain[2])

    assert (chain[2], "checksum-differs") in flaws(repository, hashing=True, restoring=chain[1])


def test_a_manifest_that_was_altered_is_found_by_reading(repository, backup):
    sealed(backup)
    assert [] == flaws(repository, hashing=True)
    state(backup, stated(backup) | {"tier": "monthly"})

    assert [(backup.name, "manifest-altered")] == flaws(repository, hashing=True)


def test_a_backup_without_a_manifest_is_no_restore_point(repository, home, backup):
    (backup / MANIFEST).unlink()
    (redis,) = inventory.take(repository, now=NOW).sets

    assert (1, 0, 0) == (len(redis.entries), len(redis.backups), redis.points)


def test_leftovers_are_counted_and_strays_are_flagged(repository, home, backup):
    shutil.copytree(backup, home / ".partial-20260302T020000.000000Z-full")
    (home / ".lock").touch()
    (home / "notes.txt").touch()
    (redis,) = inventory.take(repository, now=NOW).sets

    assert [".partial-20260302T020000.000000Z-full"] == redis.leftovers
    assert ["stray"] == [flaw.kind for flaw in redis.flaws]
    assert 1 == redis.points


def test_a_chain_that_holds_is_counted(repository, chain):
    (redis,) = inventory.take(repository, now=NOW).sets

    assert redis.holds
    assert {chain[0]: 1, chain[1]: 2, chain[2]: 3} == redis.chain_lengths
    assert (3, 1) == (redis.points, redis.chains)


def test_a_missing_parent_takes_all_that_build_on_it(repository, home, chain):
    shutil.rmtree(home / chain[0])

    assert [(chain[1], "parent-missing"), (chain[2], "parent-flawed")] == flaws(repository)


def test_a_damaged_parent_takes_all_that_build_on_it(repository, home, chain):
    (home / chain[0] / "small").unlink()

    assert [(chain[0], "file-missing"), (chain[1], "parent-flawed"), (chain[2], "parent-flawed")] == flaws(repository)


def test_backups_that_build_on_each_other_in_a_circle_are_flagged(repository, home, chain):
    state(home / chain[0], stated(home / chain[0]) | {"parent": chain[2]})

    assert set(chain) == {entry for entry, _ in flaws(repository)}


def test_a_parent_that_was_finished_later_is_flagged(repository, home, chain):
    later = named(home, finished=LAST_NIGHT)
    state(home / chain[1], stated(home / chain[1]) | {"parent": later.name})

    assert [(chain[1], "parent-later"), (chain[2], "parent-flawed")] == flaws(repository)


def test_an_increment_on_nothing_is_flagged(repository, home):
    alone = named(home, kind="incremental")

    assert [(alone, "parent-missing")] == flaws(repository)


@given(st.dictionaries(st.integers(0, 20), st.one_of(st.none(), st.integers(0, 25)), max_size=20))
def test_a_chain_holds_if_and_only_if_it_ends_in_a_full_backup(parents):
    entries = {str(child): Entry(str(child), "x", None if p is None else str(p)) for child, p in parents.items()}
    chains.examine(entries)

    for child in parents:
        seen, at = set(), child
        while at is not None and at in parents and at not in seen:
            seen.add(at)
            at = parents[at]
        assert (at is None) == (not entries[str(child)].flaws)
        assert at is not None or len(seen) == chains.lengths(entries)[str(child)]


def test_many_backups_are_examined_by_all_processors_with_the_same_result(repository, home, backup, monkeypatch):
    (named(home, finished=LAST_NIGHT - DAY) / "small").unlink()
    named(home, finished=LAST_NIGHT - 2 * DAY, source=PHYSICAL)
    alone = inventory.take(repository, now=NOW)
    monkeypatch.setattr("drill.inventory.repository.BATCH", 1)

    assert alone == inventory.take(repository, now=NOW)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_set_that_may_not_be_read_is_an_error(repository, home, backup):
    home.chmod(0)
    try:
        with pytest.raises(DrillError, match="cannot be read"):
            inventory.take(repository, now=NOW)
    finally:
        home.chmod(0o700)
