"""The inventory of a write-ahead log: its holes, and what of it was altered."""

import hashlib

from drill import inventory
from tests.inventory.stored import NOW, SEGMENTS, archive, flaws


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


def test_the_log_is_read_for_the_restore_of_a_backup_of_its_set_alone(repository, home, log):
    [backup] = [each.name for each in home.iterdir() if each != log]
    (log / f"{SEGMENTS[3]}.gz").write_bytes(b"something else")

    assert [("log", "log-checksum-differs")] == flaws(repository, hashing=True, restoring=backup)
    assert [] == flaws(repository, hashing=True, restoring="20000101T000000.000000Z-full")


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
