"""Whatever is lost, altered or added is noticed and named; what is the same is not."""

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from drill.fingerprints import (
    Difference,
    Fingerprint,
    FingerprintError,
    Kind,
    differences,
)
from drill.fingerprints import content as counting
from drill.fingerprints.content import PERIODS, SAMPLED, Census
from tests.fingerprints.made_up import (
    FACTS,
    HOLDING,
    NAMES,
    NOW_MS,
    content,
    fingerprint,
    item,
    narrowed,
    one_place,
    places,
)


@given(holding=HOLDING, facts=FACTS)
def test_what_is_the_same_differs_in_nothing(holding, facts):
    assert [] == differences(fingerprint(holding, facts), fingerprint(holding, facts))


@given(holding=HOLDING, facts=FACTS)
def test_the_order_of_rows_does_not_matter(holding, facts):
    backwards = {where: dict(reversed(rows.items())) for where, rows in reversed(holding.items())}

    assert [] == differences(fingerprint(holding, facts), fingerprint(backwards, facts))


@given(holding=HOLDING, facts=FACTS.filter(bool), data=st.data())
def test_losing_any_one_definition_is_noticed(holding, facts, data):
    lost = data.draw(st.sampled_from(sorted(facts)))
    survivors = {where: what for where, what in facts.items() if where != lost}

    found = differences(fingerprint(holding, facts), fingerprint(holding, survivors))

    assert [Difference(lost, Kind.MISSING, expected=facts[lost])] == found


@given(holding=HOLDING, facts=FACTS, place=NAMES, definition=NAMES)
def test_any_one_definition_too_many_is_noticed(holding, facts, place, definition):
    added = f"policy {place}"

    found = differences(fingerprint(holding, facts), fingerprint(holding, {**facts, added: definition}))

    assert [Difference(added, Kind.UNEXPECTED, found=definition)] == found


@given(holding=HOLDING, facts=FACTS.filter(bool), data=st.data(), other=NAMES)
def test_altering_any_one_definition_is_noticed(holding, facts, data, other):
    altered = data.draw(st.sampled_from(sorted(facts)))
    assume(facts[altered] != other)

    found = differences(fingerprint(holding, facts), fingerprint(holding, {**facts, altered: other}))

    assert [Difference(altered, Kind.CHANGED, facts[altered], other)] == found


@given(holding=HOLDING, data=st.data())
def test_losing_any_one_row_is_noticed_and_named(holding, data):
    where = data.draw(st.sampled_from(sorted(holding)))
    lost = data.draw(st.sampled_from(sorted(holding[where])))
    survivors = {**holding, where: {key: value for key, value in holding[where].items() if key != lost}}
    assume(any(survivors.values()))

    [found] = differences(fingerprint(holding), fingerprint(survivors))

    assert (where, Kind.CHANGED, (f"missing key {lost}",)) == (found.where, found.kind, found.keys)


@given(holding=HOLDING, data=st.data(), key=NAMES, value=NAMES)
def test_any_one_row_too_many_is_noticed_and_named(holding, data, key, value):
    where = data.draw(st.sampled_from(sorted(holding)))
    assume(key not in holding[where])

    [found] = differences(fingerprint(holding), fingerprint({**holding, where: {**holding[where], key: value}}))

    assert (where, Kind.CHANGED, (f"unexpected key {key}",)) == (found.where, found.kind, found.keys)


@given(holding=HOLDING, data=st.data(), value=NAMES)
def test_altering_any_one_row_is_noticed_and_named(holding, data, value):
    where = data.draw(st.sampled_from(sorted(holding)))
    key = data.draw(st.sampled_from(sorted(holding[where])))
    assume(holding[where][key] != value)

    [found] = differences(fingerprint(holding), fingerprint({**holding, where: {**holding[where], key: value}}))

    assert (where, Kind.CHANGED, (f"changed key {key}",)) == (found.where, found.kind, found.keys)


@given(holding=HOLDING, data=st.data())
def test_two_rows_that_swap_their_values_are_noticed(holding, data):
    where = data.draw(st.sampled_from(sorted(holding)))
    rows = holding[where]
    assume(len(rows) > 1)
    one, other = data.draw(st.permutations(sorted(rows)))[:2]
    assume(rows[one] != rows[other])

    swapped = {**holding, where: {**rows, one: rows[other], other: rows[one]}}

    assert [(where, Kind.CHANGED)] == places(differences(fingerprint(holding), fingerprint(swapped)))


@given(holding=HOLDING, data=st.data())
def test_losing_a_whole_table_is_noticed(holding, data):
    where = data.draw(st.sampled_from(sorted(holding)))
    survivors = {place: rows for place, rows in holding.items() if place != where}

    assert (where, Kind.MISSING) in places(differences(fingerprint(holding), fingerprint(survivors)))
    assert (where, Kind.UNEXPECTED) in places(differences(fingerprint(survivors), fingerprint(holding)))


def test_an_empty_table_is_missed_too():
    held = {"rows of table a": {"1": "x"}, "rows of table b": {}}

    found = differences(fingerprint(held), fingerprint({"rows of table a": {"1": "x"}}))

    assert [("rows of table b", Kind.MISSING)] == places(found)


@given(facts=FACTS)
def test_two_fingerprints_without_a_row_are_never_equal(facts):
    empty = fingerprint({"rows of table a": {}}, facts)

    assert [Kind.INCOMPARABLE] == [found.kind for found in differences(empty, empty)]


def test_two_engines_are_never_equal():
    held = {"rows of table a": {"1": "x"}}

    found = differences(fingerprint(held), fingerprint(held, engine="redis"))

    assert [Difference("engine", Kind.INCOMPARABLE, "postgres", "redis")] == found


def test_a_lost_row_reads_like_a_sentence():
    rows = {f"({number})": "x" for number in range(120)}
    fewer = {key: value for key, value in rows.items() if key != "(17)"}

    [found] = differences(
        fingerprint({"rows of table public.cameras": rows}), fingerprint({"rows of table public.cameras": fewer})
    )

    assert "rows of table public.cameras: changed: 120 expected, 119 found; missing key (17)" == str(found)


def test_only_a_few_keys_are_named():
    held = {"rows of table a": {f"({number})": "x" for number in range(10, 20)}, "rows of table b": {"1": ""}}

    [found] = differences(fingerprint(held), fingerprint({**held, "rows of table a": {}}))

    assert ("missing key (10), (11), (12), (13), (14) and 5 more of those sampled",) == found.keys


def test_a_long_definition_is_shown_where_it_differs():
    long = "x" * 1000

    shown = str(Difference("function f()", Kind.CHANGED, f"{long}one{long}", f"{long}two{long}"))

    assert "one" in shown
    assert "two" in shown
    assert len(shown) < 500


@pytest.mark.parametrize("masks", [(0, 0), (0, 3), (7, 1), (15, 15)])
def test_fingerprints_that_sampled_by_different_masks_compare(masks):
    rows = {str(number): f"value {number}" for number in range(200)}
    key = min(rows, key=lambda name: item(name, "").draw & 15)
    whole, altered = content(rows), content({**rows, key: "other"})

    same = differences(one_place(narrowed(whole, masks[0])), one_place(narrowed(whole, masks[1])))
    [found] = differences(one_place(narrowed(whole, masks[0])), one_place(narrowed(altered, masks[1])))

    assert [] == same
    assert (f"changed key {key}",) == found.keys


def test_what_is_not_sampled_is_noticed_all_the_same():
    rows = {str(number): "x" for number in range(200)}
    key = next(name for name in rows if item(name, "").draw & 3)

    [found] = differences(
        one_place(narrowed(content(rows), 3)), one_place(narrowed(content({**rows, key: "other"}), 3))
    )

    assert ("none of the sampled keys differs",) == found.keys


def test_a_census_names_a_bounded_number_of_keys_and_periods():
    numbers = range(3 * SAMPLED)

    counted = content(dict.fromkeys(map(str, numbers), "x"), {str(n): NOW_MS + n * 997 for n in numbers})

    assert len(numbers) == counted.rows
    assert SAMPLED // 4 < len(counted.sample) <= SAMPLED
    assert PERIODS // 4 < len(counted.expiring) <= PERIODS
    assert 3 == counted.mask
    assert len(numbers) == sum(tally.rows for tally in counted.expiring.values())


@given(
    rows=st.lists(st.tuples(NAMES, st.none() | st.integers(0, 4 * PERIODS)), max_size=40),
    size=st.integers(1, 40),
    sampled=st.integers(1, 8),
)
def test_rows_are_counted_alike_one_by_one_and_many_at_once(rows, size, sampled):
    items = [(name, item(name, "x", expires)) for name, expires in dict(rows).items()]
    one_by_one, at_once = Census(), Census()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "SAMPLED", sampled)
        patch.setattr(counting, "PERIODS", 3)
        for name, each in items:
            one_by_one.add(name, each)
        for some in (items[place : place + size] for place in range(0, len(items), size)):
            names, told = zip(*some, strict=True)
            columns = [[getattr(each, column) for each in told] for column in ("draw", "digest", "expires")]
            at_once.add_columns(names, *columns, named=str)

    assert one_by_one.content == at_once.content


def test_rows_that_are_there_twice_are_counted_twice():
    once, twice = Census(), Census()
    once.add("same", item("same", "x"))
    twice.add("same", item("same", "x"))
    twice.add("same", item("same", "x"))

    [found] = differences(one_place(once.content), one_place(twice.content))

    assert ("1", "2", ("changed key same",)) == (found.expected, found.found, found.keys)


@given(holding=HOLDING, facts=FACTS)
def test_a_fingerprint_survives_being_kept(holding, facts):
    whole = fingerprint(holding, facts)

    kept = json.loads(json.dumps(whole.to_json()))

    assert whole == Fingerprint.from_json(kept)


@pytest.mark.parametrize(
    ("flaw", "message"),
    [
        ({"version": 99}, "fingerprint of version 99"),
        ({"facts": ["table a"]}, "not a fingerprint: facts"),
        ({"contents": {"rows of table a": {"digest": 0}}}, "not a fingerprint: contents.rows of table a.rows"),
        ({"contents": {"rows of table a": {"rows": "many", "digest": 0}}}, "not a fingerprint: contents"),
    ],
)
def test_what_is_no_fingerprint_is_refused(flaw, message):
    kept = fingerprint({"rows of table a": {"1": "x"}}).to_json() | flaw

    with pytest.raises(FingerprintError, match=message):
        Fingerprint.from_json(kept)
