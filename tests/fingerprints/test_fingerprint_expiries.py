"""What has rightly expired is no difference; what was lost, or stays, before or after it was due is one."""

import json
from datetime import timedelta

import pytest

from drill.fingerprints import (
    Fingerprint,
    Kind,
    differences,
    expirations,
)
from drill.fingerprints import content as contents
from tests.fingerprints.made_up import (
    NOW,
    NOW_MS,
    content,
    narrowed,
    one_place,
    places,
)


def sessions(*, sampled):
    """Return content of 300 keys, every third due to expire, the last of them an hour after the first; and due keys."""
    expiries = {str(n): NOW_MS + n * 12_000 for n in range(0, 300, 3)}
    whole = content({str(n): f"value {n}" for n in range(300)}, expiries)
    return narrowed(whole, sampled), expiries


def surviving(whole, expiries, moment, mask):
    rows = {key: f"value {key}" for key in map(str, range(300)) if expiries.get(key, NOW_MS * 2) > moment}
    return narrowed(content(rows, expiries), mask)


@pytest.mark.parametrize("mask", [0, 7])
@pytest.mark.parametrize("minutes", [-1, 0, 1, 30, 120])
def test_keys_that_have_expired_meanwhile_are_no_difference(monkeypatch, mask, minutes):
    monkeypatch.setattr(contents, "PERIODS", 16)
    held, expiries = sessions(sampled=mask)
    later = NOW + timedelta(minutes=minutes)
    left = surviving(held, expiries, NOW_MS + minutes * 60_000, mask)

    assert [] == differences(one_place(held), one_place(left, taken_at=later))


def test_periods_of_different_length_compare(monkeypatch):
    fine, _expiries = sessions(sampled=0)
    monkeypatch.setattr(contents, "PERIODS", 16)
    coarse, _ = sessions(sampled=0)

    assert fine.period < coarse.period
    assert [] == differences(one_place(fine), one_place(coarse))
    assert [] == differences(one_place(coarse), one_place(fine))


def test_keys_that_have_expired_are_told_apart():
    held, expiries = sessions(sampled=0)
    left = surviving(held, expiries, NOW_MS + 12_000, 0)

    [found] = expirations(one_place(held), one_place(left, taken_at=NOW + timedelta(seconds=12)))

    assert (Kind.EXPIRED, ("expired key 0",)) == (found.kind, found.keys)


@pytest.mark.parametrize(("mask", "named"), [(0, "missing key 297"), (2**64 - 1, "none of the sampled keys differs")])
def test_a_key_lost_before_it_was_due_is_noticed(monkeypatch, mask, named):
    monkeypatch.setattr(contents, "PERIODS", 16)
    held, expiries = sessions(sampled=mask)
    rows = {str(n): f"value {n}" for n in range(300) if n != 297}
    left = narrowed(content(rows, expiries), mask)

    [found] = differences(one_place(held), one_place(left))

    assert (Kind.CHANGED, (named,)) == (found.kind, found.keys)


@pytest.mark.parametrize("expires", [None, NOW_MS + 5])
def test_an_expiry_lost_or_altered_is_noticed(expires):
    expected = content({"session": "x"}, {"session": NOW_MS + 60_000})
    found = content({"session": "x"}, {"session": expires})

    assert [("keys of database 0", Kind.CHANGED)] == places(differences(one_place(expected), one_place(found)))


def test_a_key_that_should_have_expired_and_now_stays_for_good_is_noticed():
    expected = content({"session": "x"}, {"session": NOW_MS - 60_000})

    found = differences(one_place(expected), one_place(content({"session": "x"})))

    assert [("keys of database 0", Kind.CHANGED)] == places(found)


def test_a_place_of_which_everything_has_expired_is_not_missed():
    expected = Fingerprint(
        "redis",
        {},
        {"keys of database 0": content({"a": "x"}), "keys of database 3": content({"s": "x"}, {"s": 5})},
        NOW,
    )

    found = one_place(content({"a": "x"}))

    assert [] == differences(expected, found)


def test_expiries_survive_being_kept():
    whole = one_place(sessions(sampled=7)[0])

    assert whole == Fingerprint.from_json(json.loads(json.dumps(whole.to_json())))
