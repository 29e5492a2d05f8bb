"""A killed restore is finished by the next one where that is certain, and is otherwise refused with nothing touched."""

import os
import shutil
import time

import pytest

from backup_scripts.landing import Landing
from drill.backups.catalogue import contents
from tests.backup_scripts.file_trees import archived
from tests.backup_scripts.interruption import TELLING

PLACES = ("etc/application", "home")


@pytest.fixture
def host(tmp_path):
    """Some files of a host."""
    root = tmp_path / "host"
    for place in PLACES:
        (root / place).mkdir(parents=True)
        (root / place / "file").write_text(place)
        (root / place / "more").write_text("more")
    return root


@pytest.fixture
def half(killing, scripts, host, tmp_path):
    """A restore that was killed with one of its places filled and not the other; gives scripts, target and backup."""
    target = tmp_path / "target"
    target.mkdir()
    files = scripts.on({"BACKUP_SOURCE": str(host), "RESTORE_TARGET": str(target)})
    backup = archived(files)
    effects = killing.run(files, "files_restore", backup).effects
    renames = [number for number, effect in enumerate(effects, 1) if effect == "rename"]
    for each in list(target.iterdir()):
        shutil.rmtree(each)
    killing.killed(files, "files_restore", backup, at=renames[-1])
    name = files.home.name
    assert {f".landing-{name}", f".partial-{name}", "etc"} == {each.name for each in target.iterdir()}
    return files, target, backup


def test_what_is_certain_is_finished_without_unpacking_it_again(half, host):
    files, target, backup = half
    landed = (target / "etc/application/file").stat().st_ino
    files.done("files_restore", backup)

    assert contents(host) == contents(target)
    assert landed == (target / "etc/application/file").stat().st_ino
    assert {"etc", "home"} == {each.name for each in target.iterdir()}


def altered(target):
    (target / "etc/application/file").write_text("since")


def added(target):
    (target / "etc/application/another").write_text("since")


def removed(target):
    (target / "etc/application/file").unlink()


def closed(target):
    (target / "etc/application/file").chmod(0o600)


def another_in_its_place(target):
    shutil.copytree(target / "etc", target / "copy")
    shutil.rmtree(target / "etc")
    (target / "copy").rename(target / "etc")


def the_rest_altered(target):
    (made,) = target.glob(".partial-*/new/home/file")
    made.write_text("since")


def the_other_place_taken(target):
    (target / "home").mkdir()
    (target / "home/mine").write_text("since")


def note_cut_off(target):
    (note,) = target.glob(".landing-*")
    note.write_bytes(note.read_bytes()[:-5])


def note_of_somebody_else(target):
    (note,) = target.glob(".landing-*")
    os.chown(note, 12345, -1)


def note_is_a_link(target):
    (note,) = target.glob(".landing-*")
    note.rename(target.parent / "note")
    note.symlink_to(target.parent / "note")


NEEDS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


@pytest.mark.parametrize(
    "happened",
    [
        altered,
        added,
        removed,
        closed,
        another_in_its_place,
        the_rest_altered,
        the_other_place_taken,
        note_cut_off,
        pytest.param(note_of_somebody_else, marks=NEEDS_ROOT),
        note_is_a_link,
    ],
)
def test_what_is_not_certain_is_refused_and_nothing_is_touched(half, happened):
    files, target, backup = half
    happened(target)
    before = contents(target)
    ran = files.run("files_restore", backup)

    assert (3, "target-not-empty") == (ran.status, ran.slug), ran.said
    assert before == contents(target)


def test_the_restore_of_another_backup_does_not_finish_it(half):
    files, target, _ = half
    another = archived(files)
    before = contents(target)
    ran = files.run("files_restore", another)

    assert (3, "target-not-empty") == (ran.status, ran.slug)
    assert before == contents(target)


def test_where_somebody_has_moved_away_what_was_there_it_is_restored_from_the_beginning(half, host, tmp_path):
    files, target, backup = half
    (target / "etc").rename(tmp_path / "aside")
    files.done("files_restore", backup)

    assert contents(host) == contents(target)
    assert {"etc", "home"} == {each.name for each in target.iterdir()}


def test_a_restore_that_ends_leaves_no_note_and_another_is_refused(half):
    files, target, backup = half
    files.done("files_restore", backup)
    again = files.run("files_restore", backup)

    assert (3, "target-not-empty") == (again.status, again.slug)
    assert [] == list(target.glob(".*"))


@pytest.fixture
def untold(killing, scripts, host, tmp_path):
    """A restore that was killed when all was done but to say so; gives scripts, target and backup."""
    target = tmp_path / "target"
    target.mkdir()
    files = scripts.on({"BACKUP_SOURCE": str(host), "RESTORE_TARGET": str(target)})
    backup = archived(files)
    killed = killing.killed(files, "files_restore", backup, at=TELLING)
    assert not killed.output
    assert contents(host) == {path: held for path, held in contents(target).items() if not path.startswith(".landing")}
    return files, target, backup


def test_what_was_finished_by_a_run_that_could_not_say_so_is_told_by_the_next(untold, host):
    files, target, backup = untold
    again = files.run("files_restore", backup)

    assert 0 == again.status, again.said
    assert "did not live to say so" in again.said
    assert backup == again.result["backup_id"]
    assert contents(host) == contents(target)


@pytest.mark.parametrize("happened", [altered, added, removed, closed, another_in_its_place, note_cut_off])
def test_what_was_changed_since_is_refused_and_nothing_is_touched(untold, happened):
    files, target, backup = untold
    happened(target)
    before = contents(target)
    ran = files.run("files_restore", backup)

    assert (3, "target-not-empty") == (ran.status, ran.slug), ran.said
    assert before == contents(target)


def test_a_change_right_after_the_note_is_seen(tmp_path):
    """The clock of files stands still for some milliseconds at a time."""
    place, taken_for_untouched = tmp_path / "place", []
    for number in range(50):
        made = place.with_name(f"made-{number}")
        made.mkdir()
        (made / "below").mkdir()
        landing = Landing.at(place, of=number)
        landing.note({place: made})
        (made / "below" / "since").touch()
        if landing.finish(lambda _, made=made: made, stagings=[]):
            taken_for_untouched.append(number)
            place.rename(tmp_path / f"taken-{number}")

    assert [] == taken_for_untouched


def test_a_note_is_later_than_whatever_was_made_before_it(tmp_path):
    """By the time of day, too: a file that somebody has looked at has that, and not the time of the last tick."""
    made, earlier = tmp_path / "made", []
    made.mkdir()
    for number in range(20):
        before = time.time_ns()
        landing = Landing.at(tmp_path / "place", of=number)
        landing.note({tmp_path / "place": made})
        if landing.file.stat().st_ctime_ns <= before:
            earlier.append(number)

    assert [] == earlier


def test_what_was_made_right_before_the_note_is_known_again(tmp_path):
    place, unknown = tmp_path / "place", []
    for number in range(50):
        made = place.with_name(f"made-{number}")
        (made / "below").mkdir(parents=True)
        landing = Landing.at(place, of=number)
        landing.note({place: made})
        if not landing.finish(lambda _, made=made: made, stagings=[]):
            unknown.append(number)
        else:
            place.rename(tmp_path / f"known-{number}")

    assert [] == unknown
