"""backup_verify: whatever has befallen a stored backup is told by its name, and a run that was ended goes on."""

import hashlib
import json
import os
import shutil
import time
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backup_scripts import backup_verify
from backup_scripts.contract import Refused
from backup_scripts.repository import BackupSet
from backup_scripts.verification_record import Record, Seen
from tests.backup_scripts.operating import Scripts
from tests.repositories import LAST_NIGHT, state, stated, written

DAY = timedelta(days=1)
RECORD = ".verification.json"


def nights(scripts: Scripts, number: int = 3, **facts: object):
    """Backups of so many nights, the oldest first."""
    return [written(scripts.home, finished=LAST_NIGHT - age * DAY, **facts) for age in range(number - 1, -1, -1)]


def verify(scripts: Scripts, *arguments: str, now=LAST_NIGHT):
    return scripts.on({"BACKUP_NOW": now.isoformat()}).run("backup_verify", *arguments)


def errors(ran) -> list[str]:
    return [line for line in ran.said.splitlines() if line.startswith("error: ")]


def flip(file):
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


DAMAGES = {
    "checksum-mismatch": lambda backup: flip(backup / "data/large"),
    "backup-truncated": lambda backup: os.truncate(backup / "data/large", 9),
    "backup-altered": lambda backup: (backup / "small").write_bytes(b"small and more"),
    "file-missing": lambda backup: (backup / "small").unlink(),
    "unexpected-file": lambda backup: (backup / "data/more").write_bytes(b"more"),
    "manifest-invalid": lambda backup: (backup / "manifest.json").unlink(),
}


def test_what_is_right_is_read_and_on_record(scripts):
    backups = nights(scripts)
    ran = verify(scripts)
    record = json.loads((scripts.home / RECORD).read_text())

    assert 0 == ran.status, ran.said
    assert [backup.id for backup in backups] == ran.result["verified"] == sorted(record["backups"])
    assert sum(backup.manifest.stored_bytes for backup in backups) == ran.result["bytes"]
    assert (LAST_NIGHT.isoformat(), 0o600) == (record["at"], (scripts.home / RECORD).stat().st_mode & 0o777)


@pytest.mark.parametrize("reason", DAMAGES)
@pytest.mark.parametrize("victim", [0, 1, 2])
def test_whatever_befalls_a_backup_it_is_named_and_no_other(scripts, reason, victim):
    backups = nights(scripts)
    DAMAGES[reason](backups[victim].directory)
    ran = verify(scripts)

    assert (3, reason) == (ran.status, ran.slug)
    assert [True] == [backups[victim].id in line for line in errors(ran)]


def test_a_file_that_may_not_be_read_is_named_and_the_others_are_read(scripts):
    first, second, third = nights(scripts)
    (second.directory / "small").chmod(0)
    if os.geteuid() == 0:
        scripts = scripts.under("setpriv", "--bounding-set=-dac_override,-dac_read_search")
    ran = verify(scripts)

    assert (3, "file-unreadable", 1) == (ran.status, ran.slug, len(errors(ran))), ran.said
    assert {first.id, third.id} == json.loads((scripts.home / RECORD).read_text())["backups"].keys()


def test_everything_that_is_wrong_is_told_at_once(scripts):
    backups = nights(scripts, len(DAMAGES))
    for backup, damage in zip(backups, DAMAGES.values(), strict=True):
        damage(backup.directory)

    assert set(DAMAGES) == {line.split(": ")[1] for line in errors(verify(scripts))}


def test_a_manifest_that_was_altered_with_its_files_is_caught_by_its_own_checksum(scripts):
    (backup,) = nights(scripts, 1)
    state(backup.directory, stated(backup.directory) | {"manifest_sha256": "0" * 64})

    assert "manifest-invalid" == verify(scripts).slug


def test_a_backup_that_builds_on_one_that_is_gone_is_told(scripts):
    first, second, third = nights(scripts)
    state(third.directory, stated(third.directory) | {"parent": second.id})
    state(second.directory, stated(second.directory) | {"parent": first.id})
    shutil.rmtree(first.directory)
    ran = verify(scripts)

    assert ["chain-broken"] * 2 == [line.split(": ")[1] for line in errors(ran)]


def test_a_backup_that_was_there_and_is_promised_is_missed_until_its_time_is_over(scripts):
    until = LAST_NIGHT + 10 * DAY
    first, *_ = nights(scripts, retain_until=until.isoformat())
    seen = verify(scripts).status
    shutil.rmtree(first.directory)
    missed = [verify(scripts, now=LAST_NIGHT + age * DAY) for age in (1, 9, 11)]

    assert 0 == seen
    assert [(3, "backup-missing"), (3, "backup-missing"), (0, None)] == [(ran.status, ran.slug) for ran in missed]
    assert first.id in errors(missed[0])[0]


def test_what_pruning_has_removed_in_its_time_is_not_missed(scripts):
    nights(scripts, 40, retain_until=None)
    verify(scripts)
    pruned = scripts.on({"BACKUP_NOW": LAST_NIGHT.isoformat()}).done("retention_prune")

    assert pruned["removed"]
    assert 0 == verify(scripts).status


def test_a_set_without_backups_is_refused(scripts):
    scripts.home.mkdir()

    assert (3, "no-such-backup") == ((ran := verify(scripts)).status, ran.slug)


def test_a_set_that_is_not_there_is_an_error(scripts):
    assert (1, "no-such-set") == ((ran := verify(scripts)).status, ran.slug)


def test_what_is_no_backup_is_told(scripts):
    nights(scripts)
    (scripts.home / "notes.txt").write_text("do not touch")

    assert "unexpected-file" == verify(scripts).slug


def test_what_runs_left_behind_is_no_backup(scripts):
    nights(scripts)
    (scripts.home / ".partial-20260301T020000.000000Z-full").mkdir()
    (scripts.home / ".expired-20260301T020000.000000Z-full").mkdir()

    assert 0 == verify(scripts).status


def test_a_record_that_cannot_be_read_is_refused(scripts):
    nights(scripts)
    (scripts.home / RECORD).write_text('{"schema": 1, "backups": {"a": {"at": "2026-03-01", "retain_until": null}}}')

    assert (3, "record-invalid") == ((ran := verify(scripts)).status, ran.slug)


def test_a_run_that_fails_to_verify_is_on_record_as_one_that_ran(scripts):
    first, second, third = nights(scripts)
    verify(scripts, now=LAST_NIGHT - DAY)
    DAMAGES["checksum-mismatch"](second.directory)
    verify(scripts)
    record = json.loads((scripts.home / RECORD).read_text())
    read_at = {name: facts["at"] for name, facts in record["backups"].items()}

    assert LAST_NIGHT.isoformat() == record["at"]
    assert (LAST_NIGHT - DAY).isoformat() == read_at[second.id]
    assert LAST_NIGHT.isoformat() == read_at[first.id] == read_at[third.id]


@pytest.mark.parametrize("reason", [each for each in DAMAGES if each != "manifest-invalid"])
def test_what_is_wrong_is_on_record_until_it_is_found_right(scripts, reason, tmp_path):
    first, second, third = nights(scripts)
    shutil.copytree(second.directory, tmp_path / "copy")
    DAMAGES[reason](second.directory)
    verify(scripts, now=LAST_NIGHT - DAY)
    verify(scripts)
    found = json.loads((scripts.home / RECORD).read_text())["wrong"]
    shutil.rmtree(second.directory)
    shutil.move(tmp_path / "copy", second.directory)
    repaired = verify(scripts).status
    record = json.loads((scripts.home / RECORD).read_text())

    assert {second.id: {"at": LAST_NIGHT.isoformat(), "reason": reason}} == found
    assert (0, {}, {first.id, second.id, third.id}) == (repaired, record["wrong"], record["backups"].keys())


def test_what_was_wrong_and_is_gone_is_forgotten(scripts):
    first, *_ = nights(scripts)
    DAMAGES["checksum-mismatch"](first.directory)
    verify(scripts)
    shutil.rmtree(first.directory)
    verify(scripts)

    assert {} == json.loads((scripts.home / RECORD).read_text())["wrong"]


def test_what_was_wrong_and_is_not_read_again_stays_on_record(scripts, monkeypatch):
    *_, third = nights(scripts)
    verify(scripts, now=LAST_NIGHT - DAY)
    DAMAGES["checksum-mismatch"](third.directory)
    verify(scripts)
    for name, value in {"BACKUP_REPOSITORY": scripts.repository, "BACKUP_SET": scripts.set}.items():
        monkeypatch.setenv(name, str(value))
    passing = iter(range(0, 1_000_000, 3600))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(passing)))
    record = Record.of(home := BackupSet.from_environment())
    record.note(third.manifest, at=LAST_NIGHT + DAY)
    record.note_wrong(third.id, "checksum-mismatch", at=LAST_NIGHT)
    record.write(at=LAST_NIGHT)
    monkeypatch.setenv("BACKUP_NOW", (LAST_NIGHT + 2 * DAY).isoformat())
    result = backup_verify.verify(["--minutes", "1"])

    assert third.id in result["left"]
    assert [third.id] == list(Record.of(home).wrong)


def test_the_archived_log_is_read_too(scripts):
    nights(scripts)
    place = scripts.home / "wal"
    place.mkdir()
    names = [f"00000001000000000000000{number}.gz" for number in range(3)]
    for name in names:
        (place / name).write_bytes(name.encode())
    lines = [f"{hashlib.sha256(name.encode()).hexdigest()}  {name}\n" for name in names]
    (place / "archive.sha256").write_text("".join(lines) + "cut o")
    right = verify(scripts).status
    flip(place / names[1])
    (place / names[2]).unlink()
    ran = verify(scripts)

    assert 0 == right
    assert ["checksum-mismatch", "wal-missing"] == [line.split(": ")[1] for line in errors(ran)]
    assert [True, True] == [name in line for name, line in zip(names[1:], errors(ran), strict=True)]


def test_a_run_that_may_not_go_on_reads_one_and_the_next_goes_on_there(scripts, monkeypatch):
    backups = nights(scripts)
    for name, value in {"BACKUP_REPOSITORY": scripts.repository, "BACKUP_SET": scripts.set}.items():
        monkeypatch.setenv(name, str(value))
    passing = iter(range(0, 1_000_000, 3600))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(passing)))
    read = []
    for age in range(4):
        monkeypatch.setenv("BACKUP_NOW", (LAST_NIGHT + age * DAY).isoformat())
        result = backup_verify.verify(["--minutes", "1"])
        read += result["verified"]

    assert [backups[2].id, backups[1].id, backups[0].id, backups[2].id] == read
    assert 2 == len(result["left"])


def test_the_state_of_every_backup_is_looked_at_however_short_the_time_is(scripts, monkeypatch):
    backups = nights(scripts)
    for name, value in {"BACKUP_REPOSITORY": scripts.repository, "BACKUP_SET": scripts.set}.items():
        monkeypatch.setenv(name, str(value))
    passing = iter(range(0, 1_000_000, 3600))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(passing)))
    DAMAGES["file-missing"](backups[0].directory)

    with pytest.raises(Refused, match="small: no such file"):
        backup_verify.verify(["--minutes", "1"])


@pytest.mark.parametrize("minutes", ["0", "-1", "soon"])
def test_a_limit_that_is_none_is_a_wrong_argument(scripts, minutes):
    nights(scripts)

    assert 2 == verify(scripts, f"--minutes={minutes}").status


@settings(database=None, deadline=None)
@given(
    ages=st.dictionaries(st.integers(0, 30), st.none() | st.integers(0, 30), min_size=1, max_size=12),
)
def test_who_was_not_read_comes_first_and_then_who_was_read_longest_ago(tmp_path_factory, ages):
    home = BackupSet(tmp_path_factory.mktemp("set"))
    seen = {f"{number:02}": Seen(LAST_NIGHT - age * DAY, None) for number, age in ages.items() if age is not None}
    order = Record(home, seen, {}).longest_ago([f"{number:02}" for number in ages])
    known = [seen[name].at for name in order if name in seen]

    assert sorted(order) == sorted(f"{number:02}" for number in ages)
    assert order == [
        *sorted((name for name in order if name not in seen), reverse=True),
        *order[len(order) - len(seen) :],
    ]
    assert known == sorted(known)
