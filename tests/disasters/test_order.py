"""Recoveries side by side: nothing begins before what it needs is back, and nothing waits for more than that."""

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from queue import Queue

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


HOURS = {tier: timedelta(hours=hours) for tier, hours in {"critical": 4, "important": 8, "non-critical": 24}.items()}


@settings(database=None, deadline=None)
@given(order=orders(), workers=st.integers(1, 3), data=st.data())
def test_no_worker_begins_anything_while_what_is_ready_leads_to_something_more_critical(order, workers, data):
    after, _ = order
    due = {name: HOURS[data.draw(st.sampled_from(sorted(HOURS)))] for name in after}
    waiting = {name: {name, *(other for other in after if name in all_before(other, after))} for name in after}
    lead = {name: min(due[other] for other in waiting[name]) for name in after}
    begun, ending = Queue(), {name: threading.Event() for name in after}

    def work(name):
        begun.put(name)
        return ending[name].wait(30)

    with ThreadPoolExecutor(1) as pool, ExitStack() as at_last:
        for each in ending.values():
            at_last.callback(each.set)
        answer = pool.submit(in_order, after, work, workers=workers, due=due)
        running, done = set(), set()
        while len(done) < len(after):
            ready = {name for name in after if set(after[name]) <= done} - running - done
            new = {begun.get(timeout=30) for _ in range(min(workers - len(running), len(ready)))}

            assert [] == [name for name in new if any(lead[other] < lead[name] for other in ready - new)]

            running |= new
            ended = data.draw(st.sampled_from(sorted(running)))
            running.remove(ended)
            done.add(ended)
            ending[ended].set()
    assert dict.fromkeys(after, True) == answer.result()


def test_a_longer_way_to_a_lesser_tier_waits_for_the_more_critical_one():
    order = []
    after = {"logs": (), "their index": ("logs",), "its copy": ("their index",), "cache": ()}
    due = dict.fromkeys(after, HOURS["non-critical"]) | {"cache": HOURS["critical"]}

    in_order(after, lambda name: order.append(name) is None, workers=1, due=due)

    assert ["cache", "logs", "their index", "its copy"] == order


def test_what_a_more_critical_one_waits_for_is_as_critical():
    order = []
    after = {"logs": (), "files": (), "cache": ("files",)}
    due = {"logs": HOURS["important"], "files": HOURS["non-critical"], "cache": HOURS["critical"]}

    in_order(after, lambda name: order.append(name) is None, workers=1, due=due)

    assert ["files", "cache", "logs"] == order


def all_before(name, after):
    return {*after[name], *(other for needed in after[name] for other in all_before(needed, after))}


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
