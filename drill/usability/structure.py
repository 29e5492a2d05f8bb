"""What hangs on the data and may have been left half made: indexes, constraints, views, triggers, statistics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg

from drill.usability.finding import Finding

# Each yields where and what was seen. What is enabled for replicas only (R) is off in an ordinary session.
_FLAWS = {
    "index-invalid": """
        SELECT indexrelid::regclass::text, 'valid ' || indisvalid || ', ready ' || indisready
        FROM pg_index WHERE NOT (indisvalid AND indisready AND indislive)
    """,
    "constraint-not-validated": """
        SELECT conrelid::regclass || ': ' || quote_ident(conname), pg_get_constraintdef(oid)
        FROM pg_constraint WHERE NOT convalidated
    """,
    "view-not-populated": """
        SELECT oid::regclass::text, 'a materialized view that was never refreshed'
        FROM pg_class WHERE relkind = 'm' AND NOT relispopulated
    """,
    "trigger-disabled": """
        SELECT tgrelid::regclass || ': ' || coalesce(quote_ident(conname), quote_ident(tgname)),
            CASE WHEN tgisinternal THEN 'keeps up a constraint' ELSE 'does not fire' END
        FROM pg_trigger LEFT JOIN pg_constraint AS c ON c.oid = tgconstraint WHERE tgenabled IN ('D', 'R')
        UNION ALL
        SELECT quote_ident(evtname), 'an event trigger' FROM pg_event_trigger WHERE evtenabled IN ('D', 'R')
    """,
    "rule-disabled": """
        SELECT ev_class::regclass || ': ' || quote_ident(rulename), 'does not act'
        FROM pg_rewrite WHERE ev_enabled IN ('D', 'R')
    """,
    # Without them the planner guesses, and the first queries are slow ones.
    "statistics-missing": """
        SELECT c.oid::regclass::text, 'holds rows, but the planner knows nothing of them'
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace
        WHERE relkind IN ('r', 'm') AND nspname !~ '^pg_' AND nspname <> 'information_schema'
            AND pg_relation_size(c.oid) > 0 AND relnatts > 0
            AND NOT EXISTS (SELECT FROM pg_statistic WHERE starelid = c.oid)
    """,
}


def flaws(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    """Yield everything that is there but cannot be relied on."""
    for identifier, statement in _FLAWS.items():
        for where, seen in connection.execute(statement).fetchall():
            yield Finding(identifier, where, seen)
