"""Work on all processors: nothing is left out, whatever becomes of a helper."""

import fcntl
import gc
import os
import signal

import psutil
import pytest

from backup_scripts import retention_prune
from backup_scripts.processors import spread, without_pauses
from tests.repositories import written

THINGS = list(range(1000))


@pytest.fixture(autouse=True)
def two_processors(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})


def test_parts_come_in_their_order_and_of_few_things_there_is_one():
    assert [THINGS[:500], THINGS[500:]] == list(spread(list, THINGS, at_least=1000))
    assert [THINGS] == list(spread(list, THINGS, at_least=1001))
    assert [[]] == list(spread(list, [], at_least=0))
    assert [[7]] == list(spread(list, [7], at_least=0))


def test_another_process_does_its_part():
    assert len(set(spread(lambda _: os.getpid(), THINGS, at_least=1))) == 2


@pytest.mark.parametrize("end", [lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: 1 / 0])
def test_the_part_of_a_helper_that_was_lost_is_done_here(end):
    here = os.getpid()

    def work(part):
        if os.getpid() != here:
            end()
        return sum(part)

    assert sum(THINGS) == sum(spread(work, THINGS, at_least=1))


def test_what_fails_here_too_is_told_and_no_helper_is_left():
    # Other tests of this process may have children of their own.
    children = set(psutil.Process().children())
    with pytest.raises(ZeroDivisionError):
        list(spread(lambda _: 1 / 0, THINGS, at_least=1))

    assert set() == set(psutil.Process().children()) - children


def test_a_helper_has_none_of_our_locks(tmp_path):
    descriptor = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)

    def open_there(_part):
        try:
            os.fstat(descriptor)
        except OSError:
            return False
        return True

    assert [True, False] == list(spread(open_there, THINGS, at_least=1))
    os.close(descriptor)


def looks_during(work):
    """Return how often circles were looked for while something was done, where that is as often as can be."""
    looks, before = [], gc.get_threshold()
    gc.callbacks.append(note := lambda phase, _: looks.append(phase))
    gc.set_threshold(1)
    try:
        work()
    finally:
        gc.set_threshold(*before)
        gc.callbacks.remove(note)
    return len(looks)


def test_circles_are_looked_for_before_and_after_and_not_in_between():
    def work():
        with without_pauses():
            return [[each] for each in THINGS]

    assert looks_during(work) < 10 < looks_during(lambda: [[each] for each in THINGS])
    assert gc.isenabled()


def test_no_circles_are_looked_for_while_it_is_decided_what_may_go(tmp_path, monkeypatch):
    written(tmp_path / "shop")
    for name, value in {"BACKUP_REPOSITORY": str(tmp_path), "BACKUP_SET": "shop"}.items():
        monkeypatch.setenv(name, value)
    deciding = []
    decide = retention_prune.lineages
    monkeypatch.setattr(retention_prune, "lineages", lambda found: deciding.append(gc.isenabled()) or decide(found))
    retention_prune.prune(["--dry-run"])

    assert [False] == deciding
    assert gc.isenabled()
