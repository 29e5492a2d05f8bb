"""Acknowledged writes: what a recovery lost of them, and the writer that makes them."""

import threading
import time
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.errors import DrillError
from drill.losses.ledger import Ledger, Writer

GAPS = st.lists(st.integers(0, 1000), max_size=30)
"""Milliseconds between acknowledgements."""


@st.composite
def recoveries(draw):
    """Acknowledgement times, what is present of the writes, and the time of the disaster."""
    gaps = draw(GAPS)
    times = [sum(gaps[: index + 1]) / 1000 for index in range(len(gaps))]
    present = draw(st.sets(st.integers(-2, len(times) + 3)))
    disaster = (times[-1] if times else 0) + draw(st.integers(0, 1000)) / 1000
    return times, present, disaster


def ledger_of(times):
    ledger = Ledger()
    for moment in times:
        ledger.acknowledge(moment)
    return ledger


@given(recoveries())
def test_the_window_reaches_back_to_the_oldest_acknowledged_write_that_is_missing(recovery):
    times, present, disaster = recovery
    loss = ledger_of(times).loss(present, disaster_at=disaster)
    ages = [disaster - time for number, time in enumerate(times) if number not in present]

    assert timedelta(seconds=max(ages, default=0)) == loss.window
    assert (len(ages), len(times)) == (loss.missing, loss.acknowledged)
    assert loss.window >= timedelta(0)


@given(recoveries(), st.integers(0, 40))
def test_the_first_writes_are_spared_if_none_of_them_is_missing(recovery, number):
    times, present, disaster = recovery
    loss = ledger_of(times).loss(present, disaster_at=disaster)
    missing = [each for each in range(len(times)) if each not in present]

    assert (number > 0 and all(each >= number for each in missing)) == loss.spares(number)


@given(GAPS, st.integers(0, 40_000))
def test_a_moment_divides_the_writes(gaps, milliseconds):
    times = [sum(gaps[: index + 1]) / 1000 for index in range(len(gaps))]
    ledger = ledger_of(times)

    assert sum(each <= milliseconds / 1000 for each in times) == ledger.acknowledged_by(milliseconds / 1000)
    assert ledger.span == timedelta(seconds=times[-1] - times[0] if times else 0)


@given(recoveries())
def test_a_hole_is_a_missing_write_with_a_later_one_present(recovery):
    times, present, disaster = recovery
    loss = ledger_of(times).loss(present, disaster_at=disaster)

    assert [
        number
        for number in range(len(times))
        if number not in present and any(later in present for later in range(number + 1, len(times) + 4))
    ] == list(loss.holes)


@given(recoveries(), st.integers(1, 5))
def test_abreast_a_hole_is_a_missing_write_with_one_present_that_was_begun_later(recovery, together):
    times, present, disaster = recovery
    ledger = Ledger(together=together, abreast=True)
    for moment in times:
        ledger.acknowledge(moment)
    loss = ledger.loss(present, disaster_at=disaster)

    assert [
        number
        for number in range(len(times))
        if number not in present and any(later // together > number // together for later in present)
    ] == list(loss.holes)


@given(recoveries())
def test_only_the_write_that_the_disaster_interrupted_may_be_there_unacknowledged(recovery):
    times, present, disaster = recovery
    loss = ledger_of(times).loss(present, disaster_at=disaster)

    assert sorted(present - set(range(len(times) + 1))) == list(loss.invented)


@given(GAPS)
def test_nothing_is_lost_where_nothing_is_missing(gaps):
    ledger = ledger_of(sum(gaps[: index + 1]) for index in range(len(gaps)))
    loss = ledger.loss(set(range(len(gaps))), disaster_at=1_000_000)

    assert (timedelta(0), 0, (), ()) == (loss.window, loss.missing, loss.holes, loss.invented)


def test_a_clock_that_runs_backwards_is_an_error():
    with pytest.raises(ValueError, match=r"acknowledged at 1\.0, before the previous write's 2\.0"):
        ledger_of([2.0, 1.0])


class Connection:
    """Takes so many writes and then fails; remembers whether it was closed."""

    def __init__(self, *, takes=None, failure=None):
        self.taken = []
        self.failed = threading.Event()
        self.closed = threading.Event()
        self._takes = takes
        self._failure = failure

    def write(self, number):
        if number == self._takes:
            self.failed.set()
            raise self._failure
        self.taken.append(number)

    def writer(self):
        return Writer(self.write, lost_by=(ConnectionError,), close=self.closed.set)


def test_a_writer_acknowledges_every_write_in_order():
    connection = Connection()
    with connection.writer() as writer:
        writer.wait_for(100)

    assert list(range(len(writer.ledger))) == connection.taken
    assert len(writer.ledger) >= 100


def test_a_writer_that_is_told_to_stop_writes_no_more():
    connection = Connection()
    with connection.writer() as writer:
        writer.wait_for(1)
    before = len(connection.taken)

    assert connection.closed.is_set()
    assert len(writer.ledger) == before


def test_a_lost_server_ends_the_writer_in_peace():
    connection = Connection(takes=5, failure=ConnectionResetError("gone"))
    with connection.writer() as writer:
        connection.failed.wait(10)

    assert 5 == len(writer.ledger)
    assert connection.closed.is_set()


def test_any_other_error_is_raised_where_the_writer_is_stopped():
    connection = Connection(takes=5, failure=ValueError("a defect"))
    with pytest.raises(ValueError, match="a defect"), connection.writer():
        connection.failed.wait(10)

    assert connection.closed.is_set()


def test_waiting_ends_at_once_when_the_writer_has_ended():
    connection = Connection(takes=5, failure=ConnectionResetError("gone"))
    with connection.writer() as writer:
        connection.failed.wait(10)
        with pytest.raises(DrillError, match="writing ended 2 writes too early"):
            writer.wait_for(2)


def test_a_writer_can_be_waited_for_until_its_writes_span_a_time():
    span = timedelta(milliseconds=20)
    with Connection().writer() as writer:
        writer.wait_to_span(span)

    assert writer.ledger.span > span


def test_waiting_for_a_span_ends_at_once_when_the_writer_has_ended():
    connection = Connection(takes=5, failure=ConnectionResetError("gone"))
    with connection.writer() as writer:
        connection.failed.wait(10)
        with pytest.raises(DrillError, match=r"writing ended after .*, before 1:00:00 were over"):
            writer.wait_to_span(timedelta(hours=1))


def test_a_writer_that_was_never_started_can_be_stopped():
    connection = Connection()
    connection.writer().stop()

    assert connection.closed.is_set()


def test_writes_under_way_together_are_acknowledged_together():
    connection = Connection(takes=40, failure=ConnectionResetError("gone"))
    with Writer(connection.write, lost_by=(ConnectionError,), close=connection.closed.set, together=10) as writer:
        connection.failed.wait(10)

    assert [0, 10, 20, 30] == connection.taken
    assert 40 == len(writer.ledger)
    assert () == writer.ledger.loss(set(range(50)), disaster_at=time.monotonic()).invented
    assert (50,) == writer.ledger.loss(set(range(51)), disaster_at=time.monotonic()).invented


def test_the_rate_is_what_was_acknowledged_in_a_second():
    assert 4.0 == ledger_of([0, 0.25, 0.5, 0.75, 1.0]).rate
    assert 0.0 == ledger_of([1.0]).rate
