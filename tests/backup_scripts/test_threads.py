"""Work in a thread beside other work."""

import threading

import pytest

from backup_scripts.threads import beside


def test_it_goes_on_while_other_things_are_done():
    asked = threading.Event()
    with beside(lambda: asked.wait(60)) as outcome:
        asked.set()

        assert outcome() is True
        assert outcome() is True


def test_what_it_raises_is_raised_where_it_is_waited_for():
    with beside(lambda: {}["absent"]) as outcome:
        for _ in range(2):
            with pytest.raises(KeyError, match="absent"):
                outcome()


def test_it_has_ended_when_the_block_is_left():
    begun, done = threading.Event(), []

    def work() -> None:
        begun.wait(60)
        done.append("all of it")

    with beside(work):
        begun.set()

    assert ["all of it"] == done


def test_an_error_does_not_wait_for_it():
    begun, never, working = threading.Event(), threading.Event(), []

    def work() -> None:
        working.append(threading.current_thread())
        begun.set()
        never.wait(60)

    with pytest.raises(RuntimeError, match="in the block"), beside(work):
        begun.wait(60)
        raise RuntimeError("in the block")

    assert working[0].is_alive()
    never.set()
