"""Recoveries side by side: nothing begins before what it needs is back, and nothing waits for more than that."""

import os
import signal
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drill.disasters.order import in_order


@st.composite
def orders(draw):
    """Pieces that come after any of the earlier ones, and which of them fail."""
    names = [f"piece {number}" for number in range(draw(st.integers(0, 8)))]
    after = {
        name: tuple(draw(st.sets(st.sampled_from(names[:place])))) if place else () for place, name in enumerate(names)
    }
    return after, draw(st.sets(st.sampled_from(names))) if names else set()


@settings(database=None, deadline=None)
@given(order=orders(), workers=st.integers(1, 4))
def test_each_piece_begins_after_all_that_it_needs_is_done_or_never(order, workers):
    after, failing = order
    done, begun, turn = set(), {}, threading.Lock()

    def work(name):
        with turn:
            begun[name] = frozenset(done)
            if name not in failing:
                done.add(name)
        return name not in failing

    answer = in_order(after, work, workers=workers)

    assert all(set(after[name]) <= before for name, before in begun.items())
    assert {name for name in after if set(after[name]) <= done} == set(begun)
    assert {name: name not in failing for name in begun} == answer


def test_what_waits_for_nothing_runs_side_by_side():
    together = threading.Barrier(2, timeout=30)

    done = in_order({"a": (), "b": ()}, lambda _: together.wait() >= 0, workers=2)

    assert {"a": True, "b": True} == done


def test_one_worker_does_one_after_the_other():
    alone = threading.Lock()

    def work(_):
        assert alone.acquire(blocking=False)
        alone.release()
        return True

    assert 3 == len(in_order({"a": (), "b": (), "c": ()}, work, workers=1))


def test_what_is_no_piece_of_this_work_is_taken_as_done():
    assert {"cache": True} == in_order({"cache": ("database",)}, lambda _: True, workers=2)


def test_an_error_is_raised_once_what_had_begun_has_ended():
    failed, ended = threading.Event(), threading.Event()

    def work(name):
        if name == "fails":
            failed.set()
            raise RuntimeError("no engine")
        failed.wait()
        ended.set()
        return True

    with pytest.raises(RuntimeError, match="no engine"):
        in_order({"fails": (), "goes on": ()}, work, workers=2)
    assert ended.is_set()


def test_what_most_is_waiting_for_goes_first_and_then_what_is_named_first():
    order = []
    after = {"apart": (), "last": ("middle",), "alone": (), "first": (), "middle": ("first",), "before": ("last",)}

    in_order(after, lambda name: order.append(name) is None, workers=1)

    assert ["first", "middle", "last", "apart", "alone", "before"] == order


def test_after_an_error_nothing_is_begun_that_had_only_waited_for_its_turn():
    begun = []

    def work(name):
        begun.append(name)
        raise RuntimeError(name)

    with pytest.raises(RuntimeError, match="first"):
        in_order({"first": (), "second": (), "third": ()}, work, workers=1)
    assert ["first"] == begun


def test_after_ctrl_c_nothing_more_is_begun():
    begun = []

    def work(name):
        begun.append(name)
        os.kill(os.getpid(), signal.SIGINT)
        return True

    with pytest.raises(KeyboardInterrupt):
        in_order({"first": (), "second": (), "third": ("first",)}, work, workers=1)
    assert ["first"] == begun
