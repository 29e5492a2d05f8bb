"""The roles script is taken apart and fitted to a server without knowing SQL's every corner."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backup_scripts import postgres_roles
from backup_scripts.contract import Refused

ROLE = st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), min_size=1)
TEXT = st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]))


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text as pg_dumpall does."""
    quoted = "'" + text.replace("'", "''").replace("\\", "\\\\") + "'"
    return f" E{quoted}" if "\\" in text else quoted


def fitted(script: str, *, existing=(), connected="postgres", bootstrap="postgres") -> list[str]:
    wanted = postgres_roles.fitted(script, existing=tuple(existing), connected=connected, bootstrap=bootstrap)
    return list(postgres_roles.statements(wanted.split("BEGIN;")[1].rsplit("COMMIT;")[0]))


@given(st.lists(st.tuples(ROLE, TEXT), min_size=1))
def test_statements_are_found_whatever_names_and_texts_hold(roles):
    written = [
        line
        for name, text in roles
        for line in (
            f"CREATE ROLE {quoted(name)};",
            f"ALTER ROLE {quoted(name)} WITH NOSUPERUSER PASSWORD {literal(text)};",
            f"COMMENT ON ROLE {quoted(name)} IS {literal(text)};",
        )
    ]
    script = (
        '--\n-- Roles; it\'s "all" of them\n--\n\n\\restrict abc\n\n'
        + "\n".join(written)
        + "\n\n\\unrestrict abc\n\n--\n"
    )

    assert written == list(postgres_roles.statements(script))


@given(st.lists(ROLE, unique=True, min_size=1), st.data())
def test_only_missing_roles_are_created_and_only_the_connected_one_keeps_its_attributes(names, data):
    existing = set(data.draw(st.lists(st.sampled_from(names))))
    connected = data.draw(st.sampled_from(names))
    written = [
        f"{verb} ROLE {quoted(name)}{rest};"
        for name in names
        for verb, rest in (("CREATE", ""), ("ALTER", " WITH LOGIN"))
    ]
    expected = [f"CREATE ROLE {quoted(name)};" for name in names if name not in existing] + [
        f"ALTER ROLE {quoted(name)} WITH LOGIN;" for name in names if name != connected
    ]

    assert sorted(expected) == sorted(fitted("\n".join(written), existing=existing, connected=connected))


def test_settings_and_memberships_of_the_connected_role_are_applied():
    script = "ALTER ROLE postgres SET work_mem TO '9MB';\nGRANT readers TO postgres WITH ADMIN OPTION GRANTED BY lan;"

    assert script.splitlines() == fitted(script, existing=["postgres"])


def test_what_the_sources_bootstrap_role_granted_is_granted_by_the_targets():
    script = 'GRANT readers TO lan WITH INHERIT TRUE GRANTED BY "the boss";'

    assert ["GRANT readers TO lan WITH INHERIT TRUE;"] == fitted(script, bootstrap="the boss")
    assert [script] == fitted(script, bootstrap="postgres")


def test_a_comment_that_reads_like_a_grant_stays_as_it_is():
    script = "COMMENT ON ROLE lan IS 'GRANT a TO b GRANTED BY postgres';"

    assert [script] == fitted(script)


@pytest.mark.parametrize(
    "script",
    [
        "CREATE ROLE a;\n\\! reboot\n",
        "CREATE ROLE a; \\! reboot\n",
        "\\i /etc/passwd\nCREATE ROLE a;",
        "CREATE ROLE 'unfinished;",
        'CREATE ROLE "unfinished;',
        "CREATE ROLE a",
        "CREATE ROLE a\\gexec\n;",
    ],
)
def test_what_pg_dumpall_never_writes_is_refused(script: str):
    with pytest.raises(Refused, match="roles-unreadable"):
        list(postgres_roles.statements(script))


@pytest.mark.parametrize(
    "forged",
    [
        r"""COMMENT ON ROLE a IS E'\'';
\! touch forged
';""",
        r"""SET standard_conforming_strings = off; COMMENT ON ROLE a IS '\'';
\! touch forged
';""",
        """COMMENT ON ROLE a IS $$ ' $$;
\\! touch forged
-- ';""",
        """/* ' */;
\\! touch forged
/* ' */;""",
    ],
    ids=["escaped", "not conforming", "in dollars", "in a comment"],
)
def test_what_psql_would_read_otherwise_is_refused(forged):
    with pytest.raises(Refused, match="roles-unreadable"):
        list(postgres_roles.statements(forged))
