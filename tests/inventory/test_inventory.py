"""The inventory of a repository: what it holds, and everything of it that does not hold."""

import hashlib
import json
import os
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from drill import inventory
from drill.backups.catalogue import MANIFEST, contents
from drill.cli import app
from drill.errors import DrillError
from drill.inventory import Entry, chains
from drill.inventory.presentation import every_flaw
from tests.repositories import FILES, LAST_NIGHT, state, stated, written

DAY = timedelta(days=1)
NOW = LAST_NIGHT + timedelta(hours=10)


@pytest.fixture
def repository(tmp_path):
    return tmp_path / "repository"


@pytest.fixture
def home(repository):
    return repository / "redis"


@pytest.fixture
def backup(home):
    return named(home)


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


# --- chains ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def chain(home):
    """A full backup and two increments, the oldest first."""
    links = [named(home, finished=LAST_NIGHT - 3 * DAY).name]
    for days in (2, 1):
        links.append(named(home, finished=LAST_NIGHT - days * DAY, kind="incremental", parent=links[-1]))
    return links


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


# --- the write-ahead log ---------------------------------------------------------------------------------------------


SEGMENTS = [f"0000000100000000000000{number:02X}" for number in range(2, 8)]
PHYSICAL = {"timeline": 1, "start_lsn": "0/4000028", "wal_segment_size": 16 * 1024 * 1024}


@pytest.fixture
def log(home):
    """Six archived segments and a base backup that begins in the third of them."""
    named(home, source=PHYSICAL)
    place = home / "wal"
    place.mkdir()
    for name in SEGMENTS:
        archive(place, f"{name}.gz")
    return place


def archive(place, name):
    (place / name).write_bytes(name.encode())
    with (place / "archive.sha256").open("a") as record:
        record.write(f"{hashlib.sha256(name.encode()).hexdigest()}  {name}\n")


def test_a_log_without_a_hole_holds(repository, log):
    found = inventory.take(repository, now=NOW, hashing=True)
    (span,) = found.sets[0].log.spans

    assert found.holds
    assert (1, SEGMENTS[0], SEGMENTS[-1], 6, 0) == (span.timeline, span.first, span.last, span.segments, span.holes)


def test_a_segment_that_is_gone_is_flagged_and_leaves_a_hole(repository, log):
    (log / f"{SEGMENTS[3]}.gz").unlink()

    assert [("log", "log-missing"), ("log", "log-hole")] == flaws(repository)


def test_a_log_of_which_every_segment_is_gone_is_flagged_segment_by_segment(repository, log):
    for name in SEGMENTS:
        (log / f"{name}.gz").unlink()

    assert [("log", "log-missing")] * len(SEGMENTS) == flaws(repository)


def test_a_segment_that_was_never_archived_leaves_a_hole(repository, log):
    (log / f"{SEGMENTS[3]}.gz").unlink()
    record = log / "archive.sha256"
    record.write_text("".join(line for line in record.read_text().splitlines(keepends=True) if SEGMENTS[3] not in line))
    (flaw,) = inventory.take(repository, now=NOW).sets[0].log.flaws

    assert ("log-hole", f"{SEGMENTS[3]} is missing: no recovery goes past it") == (flaw.kind, flaw.what)


def test_what_was_streamed_fills_a_hole(repository, home, log):
    record = log / "archive.sha256"
    (log / f"{SEGMENTS[3]}.gz").unlink()
    record.write_text("".join(line for line in record.read_text().splitlines(keepends=True) if SEGMENTS[3] not in line))
    (home / "stream").mkdir()
    (home / "stream" / SEGMENTS[3]).write_bytes(b"log")

    assert [] == flaws(repository)


def test_what_was_received_and_has_no_line_yet_is_no_flaw_and_what_has_one_is_compared(repository, home, log):
    place = home / "stream"
    place.mkdir()
    for name in SEGMENTS[-2:]:
        (place / name).write_bytes(name.encode())
    (place / "received.sha256").write_text(f"{hashlib.sha256(SEGMENTS[-2].encode()).hexdigest()}  {SEGMENTS[-2]}\n")
    sound = flaws(repository, hashing=True)
    (place / SEGMENTS[-2]).write_bytes(b"something else")
    altered = flaws(repository, hashing=True)
    (place / SEGMENTS[-2]).unlink()
    gone = flaws(repository)

    assert [] == sound
    assert [("log", "log-checksum-differs")] == altered
    assert [("log", "log-missing")] == gone


def test_a_hole_from_before_the_oldest_backup_is_a_note(repository, log):
    record = log / "archive.sha256"
    (log / f"{SEGMENTS[1]}.gz").unlink()
    record.write_text("".join(line for line in record.read_text().splitlines(keepends=True) if SEGMENTS[1] not in line))
    found = inventory.take(repository, now=NOW)

    assert found.holds
    assert ["1 segments are missing from before the oldest backup"] == found.sets[0].log.notes


def test_an_altered_segment_is_found_by_reading(repository, log):
    (log / f"{SEGMENTS[3]}.gz").write_bytes(b"something else")

    assert [] == flaws(repository)
    assert [("log", "log-checksum-differs")] == flaws(repository, hashing=True)


def test_a_segment_that_the_record_does_not_know_is_flagged(repository, log):
    (log / "000000010000000000000008.gz").write_bytes(b"log")

    assert [("log", "log-unrecorded")] == flaws(repository)


def test_segments_go_on_in_the_next_log_file(repository, home):
    (home / "wal").mkdir(parents=True)
    for name in ("0000000100000000000000FF.gz", "000000010000000100000000.gz"):
        archive(home / "wal", name)

    assert [] == flaws(repository)


def test_encrypted_segments_and_history_are_known(repository, home):
    (home / "wal").mkdir(parents=True)
    for name in (f"{SEGMENTS[0]}.gz.age", f"{SEGMENTS[1]}.gz.age", "00000002.history.gz.age"):
        archive(home / "wal", name)
    found = inventory.take(repository, now=NOW)

    assert (True, 3, 2) == (found.holds, found.sets[0].log.archived, found.sets[0].log.spans[0].segments)


# --- many ------------------------------------------------------------------------------------------------------------


def test_many_backups_are_examined_by_all_processors_with_the_same_result(repository, home, backup, monkeypatch):
    (named(home, finished=LAST_NIGHT - DAY) / "small").unlink()
    named(home, finished=LAST_NIGHT - 2 * DAY, source=PHYSICAL)
    alone = inventory.take(repository, now=NOW)
    monkeypatch.setattr("drill.inventory.repository.BATCH", 1)

    assert alone == inventory.take(repository, now=NOW)


# --- the command -----------------------------------------------------------------------------------------------------


def run(*words):
    return CliRunner().invoke(app, ["catalogue", *map(str, words)], env={"COLUMNS": "200"})


def test_the_command_shows_a_person_what_there_is(repository, home, chain, log):
    shown = run(repository)

    assert 0 == shown.exit_code
    assert "All of it holds." in shown.stdout
    for text in (*chain, "redis", "write-ahead log", SEGMENTS[-1]):
        assert text in shown.stdout


def test_only_the_newest_and_the_flawed_are_shown_unless_all_are_wanted(repository, home):
    places = [named(home, finished=LAST_NIGHT - days * DAY) for days in range(12)]
    (places[11] / "small").unlink()
    shown, everything = run(repository), run(repository, "--all")

    assert 1 == shown.exit_code
    assert places[10].name not in shown.stdout
    assert places[11].name in shown.stdout
    assert "1 older ones that hold are not shown" in shown.stdout
    assert places[10].name in everything.stdout


def test_the_command_tells_a_program_the_same(repository, home, chain, log):
    (home / chain[0] / "small").unlink()
    told = run(repository, "--json")
    whole = json.loads(told.stdout)
    (redis,) = whole["sets"]

    assert (1, False, False) == (told.exit_code, whole["holds"], redis["holds"])
    assert [*chain, redis["backups"][3]["id"]] == [each["id"] for each in redis["backups"]]
    assert [1, 2, 3, 1] == [each["chain"] for each in redis["backups"]]
    assert "file-missing" == redis["backups"][0]["flaws"][0]["kind"]
    assert 6 == redis["log"]["archived"]


def test_one_set_can_be_looked_at_alone(repository, home, backup):
    named(repository / "postgres")
    told = json.loads(run(repository, "--set", "redis", "--json").stdout)

    assert ["redis"] == [each["name"] for each in told["sets"]]


@pytest.mark.parametrize("words", [("nowhere",), ("repository", "--set", "rdis")])
def test_what_is_not_there_is_wrong_usage(tmp_path, backup, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    refused = run(*words)

    assert 2 == refused.exit_code
    assert refused.stderr.startswith("error: ")


def test_an_empty_repository_holds(repository):
    repository.mkdir()

    assert 0 == run(repository).exit_code
    assert [] == json.loads(run(repository, "--json").stdout)["sets"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_set_that_may_not_be_read_is_an_error(repository, home, backup):
    home.chmod(0)
    try:
        with pytest.raises(DrillError, match="cannot be read"):
            inventory.take(repository, now=NOW)
    finally:
        home.chmod(0o700)


def test_ages_are_counted_from_now(repository, backup):
    told = json.loads(run(repository, "--json").stdout)
    age = timedelta(seconds=told["sets"][0]["backups"][0]["age"])

    assert abs(datetime.now(UTC) - LAST_NIGHT - age) < timedelta(minutes=5)
