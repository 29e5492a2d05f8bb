"""The roles that a dump belongs to, made to fit the server that they are restored to.

`pg_dumpall --roles-only` writes statements for a server that has none of these roles. The server
that is restored to has some of them, at least the one that we are connected as.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backup_scripts.contract import Refused

# psql has to read it as we do, or a forged text could end for it where it goes on for us, and a command of psql's own
# follow: so no dollars, no block comments, and no backslash in a text but a doubled one, as pg_dumpall writes it.
STATEMENT = re.compile(
    r"""(?: --[^\n]*\n | \\restrict[^\n]*\n | \s )*+              # what may come before it
        (?P<statement> (?: [^;'"\\$/-] | '(?:[^'\\]|''|\\\\)*+' | "(?:[^"]|"")*+" | -(?!-) )++ ; )""",
    re.VERBOSE,
)
NAME = r'(?P<role>"(?:[^"]|"")+"|[^\s;"]+)'
CREATED = re.compile(rf"CREATE ROLE {NAME}")
ALTERED = re.compile(rf"ALTER ROLE {NAME} WITH")
GRANTED_BY = re.compile(rf" GRANTED BY {NAME};\Z")

# The server's log must not hold password hashes; only a superuser may see to that.
UNLOGGED = """
SET client_min_messages = warning;
SELECT set_config(name, value, false)
FROM (VALUES ('log_statement', 'none'), ('log_min_error_statement', 'panic'),
             ('log_min_duration_statement', '-1')) AS settings (name, value)
WHERE (SELECT rolsuper FROM pg_roles WHERE rolname = current_user);
"""


def fitted(script: str, *, existing: tuple[str, ...], connected: str, bootstrap: str) -> str:
    """Return the statements to run, all or none, on a server where some roles exist.

    Existing roles are not created again. The role that we are connected as keeps its attributes and
    its password. What the source's bootstrap superuser granted is granted by the target's.

    Raises:
        Refused: ``roles-unreadable``: the script is not what pg_dumpall writes.
    """
    wanted = []
    for statement in statements(script):
        created, altered = CREATED.match(statement), ALTERED.match(statement)
        if created and _plain(created["role"]) in existing:
            continue
        if altered and _plain(altered["role"]) == connected:
            continue
        granted = statement.startswith("GRANT ") and GRANTED_BY.search(statement)
        if granted and _plain(granted["role"]) == bootstrap:
            statement = statement[: granted.start()] + ";"
        wanted.append(statement)
    return "\n".join([UNLOGGED, "BEGIN;", *wanted, "COMMIT;", ""])


def statements(script: str) -> Iterator[str]:
    """Split what pg_dumpall writes into its statements, comments and psql's own commands left out.

    Raises:
        Refused: ``roles-unreadable``.
    """
    position = 0
    while found := STATEMENT.match(script, position):
        yield found["statement"].strip()
        position = found.end()
    for line in script[position:].splitlines():
        if line.strip() and not line.startswith(("--", "\\unrestrict ")):
            raise Refused("roles-unreadable", f"roles.sql is not what pg_dumpall writes from {line[:40]!r} on")


def _plain(name: str) -> str:
    """Undo the quoting of a name."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
