"""A record is held against what was done: nothing is missing unseen, and nothing is made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.evidence.completeness import Completeness, act, told
from drill.evidence.journal import Journal, Kind
from drill.evidence.verdict import Disproof

ACTS = st.lists(st.sampled_from(["one", "two", "three"]), min_size=1)


@given(done=ACTS, data=st.data())
def test_any_one_act_that_is_not_on_record_is_named(done, data):
    lost = data.draw(st.integers(0, len(done) - 1))
    found = Completeness(tuple(done), tuple(done[:lost] + done[lost + 1 :]))

    assert ([done[lost]], []) == (found.missing, found.invented)
    assert found.share < 1


@given(done=ACTS, invented=ACTS)
def test_what_is_on_record_and_was_not_done_is_named(done, invented):
    found = Completeness(tuple(done), (*done, *invented))

    assert ([], sorted(invented), 1) == (found.missing, found.invented, found.share)


def test_where_nothing_was_done_nothing_is_shown():
    with pytest.raises(Disproof, match="nothing was done"):
        _ = Completeness((), ()).share


def test_each_log_is_read_by_itself():
    journal = Journal()
    journal.event(Kind.BACKUP, backup="a", status=0)
    journal.event(Kind.BACKUP, backup=None, status=-9)
    journal.event(Kind.RECOVERY, backup="a", status=3)
    journal.event(Kind.INCIDENT, what="the cache lost")

    assert (act("a", 0), act(None, -9)) == told(journal.events, Kind.BACKUP)
    assert (act("a", 3),) == told(journal.events, Kind.RECOVERY)
    assert ("the cache lost",) == told(journal.events, Kind.INCIDENT)
