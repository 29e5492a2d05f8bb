"""Expressions that the server writes differently after a restore read the same; others stay as they are."""

import pytest

from drill.fingerprints.postgres.canonical import canonical

SAME = [
    (
        "CHECK (((state)::text = ANY ((ARRAY['on'::character varying, 'it''s], '::character varying])::text[])))",
        "CHECK (((state)::text = ANY (ARRAY[('on'::character varying)::text, ('it''s], '::character varying)::text])))",
    ),
    (
        "((v)::text <> ALL ((ARRAY['a'::character varying, NULL::character varying])::text[]))",
        "((v)::text <> ALL (ARRAY[('a'::character varying)::text, (NULL::character varying)::text]))",
    ),
    ("((ARRAY[a, lower(b)])::text[])", "(ARRAY[(a)::text, (lower(b))::text])"),
    ("x = (ARRAY[a])::text[] OR y = (ARRAY[b])::text[]", "x = ARRAY[(a)::text] OR y = ARRAY[(b)::text]"),
    ('(ARRAY["odd, ""name]"])::text[]', 'ARRAY[("odd, ""name]")::text]'),
    ("FROM ( VALUES (1,2))", "FROM (VALUES (1,2))"),
]
LEFT_ALONE = [
    "CHECK ((i = ANY (ARRAY[1, 2])))",
    "f((ARRAY[1, 2]), 3)",
    "(ARRAY[ARRAY[1, 2], ARRAY[3, 4]])::text[]",
    "DEFAULT '(ARRAY['",
    "(ARRAY[never closed",
    "",
]


@pytest.mark.parametrize(("typed_in", "restored"), SAME)
def test_a_definition_reads_as_it_will_after_a_restore(typed_in, restored):
    assert canonical(restored) == canonical(typed_in)


@pytest.mark.parametrize("definition", LEFT_ALONE)
def test_other_definitions_are_left_alone(definition):
    assert definition == canonical(definition)


def test_another_item_or_another_type_is_still_another_definition():
    held = "((ARRAY['a'::character varying, 'b'::character varying])::text[])"

    assert canonical(held) != canonical(held.replace("'b'", "'c'"))
    assert canonical(held) != canonical(held.replace("::text[]", "::name[]"))
