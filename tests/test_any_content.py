"""What the drill makes up is the same for the same seed, fits any server, and the smallest change to it is noticed."""

from __future__ import annotations

import pytest

from drill import any_content
from drill.damage import sabotage
from drill.datasets import awkward
from drill.datasets.awkward import Abilities, Example
from drill.datasets.awkward.derived import EXPRESSIONS, OF_ANY
from drill.datasets.awkward.example import quoted
from drill.datasets.awkward.families import FAMILIES
from drill.fingerprints import differences

NEWEST, OLDEST = Abilities(180000, xml=True), Abilities(160000, xml=False)
CHANGES = {
    "an empty text turns into nothing": 'rows of table "example 1"."of text"',
    "a number gets another decimal": 'rows of table "example 1"."of numeric"',
    "a zero loses its sign": 'rows of table "example 1"."of real"',
    "an interval turns 30 days to 1 mon": 'rows of table "example 1"."of interval"',
    "a row that had twins is lost": 'rows of table "example 2".twins',
    "a byte of a large object changes": "large objects",
    "a comment is lost": 'comment on table column "example 2".bound.label',
}
HELD = """
SELECT (SELECT count(*) FROM pg_attribute WHERE attgenerated <> '' AND NOT attisdropped),
    (SELECT count(*) FROM pg_range JOIN pg_type AS t ON t.oid = rngtypid WHERE t.oid > 16383),
    (SELECT sum(pg_total_relation_size(reltoastrelid)) FROM pg_class WHERE relnamespace::regnamespace::text ~ 'example')
"""


def test_the_same_seed_makes_up_the_same_and_another_one_something_else():
    first, again, other = (awkward.made_up(5, seed=seed, abilities=NEWEST) for seed in (1, 1, 2))

    assert first == again
    assert first != other
    assert 5 == len(first)


def test_types_are_made_up_too_and_arrays_of_them():
    examples = awkward.made_up(60, seed=1, abilities=NEWEST)
    kinds = ("AS ENUM (", "CREATE DOMAIN", '" AS (', "AS RANGE (", '"[]')

    assert [] == [kind for kind in kinds if sum(kind in str(example) for example in examples) < 3]


def test_columns_that_are_reckoned_are_made_up_and_large_values_now_and_then():
    newest, oldest = (
        "\n".join(str(each) for seed in range(5) for each in awkward.made_up(60, seed=seed, abilities=abilities))
        for abilities in (NEWEST, OLDEST)
    )
    large = [sum(map(text.count, ("string_agg(md5(", "repeat('"))) for text in (newest, oldest)]

    assert 20 < newest.count(") STORED") < newest.count("GENERATED ALWAYS AS (")
    assert 20 < oldest.count(") STORED") == oldest.count("GENERATED ALWAYS AS (")
    assert min(large) > 5


@pytest.mark.postgres
def test_every_type_that_is_reckoned_holds_whatever_the_column_may_that_it_is_of(postgres):
    with any_content.made_up(postgres, seed=7) as store, postgres.connect(store.name) as connection:
        for family in (each for each in FAMILIES if not each.needs_xml):
            of, expression = EXPRESSIONS.get(family.type, OF_ANY)
            reckoned = f"r {of} GENERATED ALWAYS AS ({expression.format('c')}) STORED"
            connection.execute(f"CREATE TEMPORARY TABLE held (c {family.type}, {reckoned})")
            for value in family.notorious:
                connection.execute(f"INSERT INTO held VALUES (CAST({quoted(value)} AS {family.type}))")

            ((kept,),) = connection.execute("SELECT count(*) FROM held").fetchall()
            assert len(family.notorious) == kept, family.type
            connection.execute("DROP TABLE held")


@pytest.mark.postgres
def test_what_is_reckoned_and_large_is_there_and_read(postgres):
    with any_content.made_up(postgres, seed=7) as store, postgres.connect(store.name) as connection:
        ((reckoned, ranges, bytes_),) = connection.execute(HELD).fetchall()

    assert reckoned > 0
    assert ranges > 0
    assert bytes_ > 2_000_000


def test_a_server_is_given_only_what_it_can_hold():
    of_newest, of_oldest = (str(awkward.everything(abilities)[0]) for abilities in (NEWEST, OLDEST))
    structures_of_newest, structures_of_oldest = (
        str(awkward.everything(abilities)[1]) for abilities in (NEWEST, OLDEST)
    )

    assert "'-infinity'::interval" in of_newest
    assert "'-infinity'::interval" not in of_oldest
    assert "::xml" in of_newest
    assert "::xml" not in of_oldest
    assert "VIRTUAL" in structures_of_newest
    assert "VIRTUAL" not in structures_of_oldest


@pytest.mark.postgres
def test_every_unlogged_table_is_called_so(postgres):
    with any_content.made_up(postgres, seed=7) as store, postgres.connect(store.name) as connection:
        named = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relpersistence = 'u'"
        ).fetchall()

    assert named
    assert [] == [name for (name,) in named if not name.startswith(awkward.UNLOGGED)]


@pytest.mark.postgres
def test_many_examples_fit_into_one_database(postgres):
    postgres.create_database("filled")
    with postgres.connect("filled") as connection:
        awkward.fill(connection, [Example(("CREATE TABLE t ()",)), Example(("CREATE TABLE t ()",))])
        schemas = connection.execute(
            "SELECT relnamespace::regnamespace::text FROM pg_class WHERE relname = 't'"
        ).fetchall()
    postgres.drop_database("filled")

    assert [('"example 1"',), ('"example 2"',)] == sorted(schemas)


@pytest.mark.postgres
def test_the_smallest_change_is_noticed(postgres):
    with any_content.one_of_everything(postgres) as store, postgres.connect(store.name) as connection:
        noticed, before = {}, store.fingerprint()
        for change in CHANGES:
            sabotage(connection, change)
            after = store.fingerprint()
            noticed[change] = [each.where for each in differences(before, after)]
            before = after

    assert {change: [where] for change, where in CHANGES.items()} == noticed
