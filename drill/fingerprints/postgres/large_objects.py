"""The large objects of a PostgreSQL database: what reading each would give, and who may."""

from __future__ import annotations

from typing import Any

import psycopg

from drill.fingerprints.content import SAMPLED, Content
from drill.fingerprints.postgres.rows import counted, hash_of_bytes

# A page that was never written reads as zeros, and after a restore it has been written as zeros.
_PAGES = """
SELECT oid, coalesce(max(pageno::int8 * page_bytes + octet_length(data)), 0),
    sum({page}) FILTER (WHERE octet_length(bare) > 0)
FROM pg_largeobject_metadata
LEFT JOIN pg_largeobject ON loid = oid
CROSS JOIN LATERAL rtrim(data, '\\x00') AS bare
CROSS JOIN (SELECT current_setting('block_size')::int8 / 4) AS setting (page_bytes)
GROUP BY oid
"""
_ACCESS = """
SELECT oid, pg_get_userbyid(lomowner), ARRAY(
    SELECT concat(grantee::regrole, ' ', privilege_type, ' ', is_grantable, ' ', grantor::regrole)
    FROM aclexplode(coalesce(lomacl, acldefault('L', lomowner))) ORDER BY 1)
FROM pg_largeobject_metadata
"""
_COUNT = """
SELECT count(*), sum(digest), array_agg(draw || ' ' || digest || ' ' || oid) FILTER (WHERE draw & {mask} = 0)
FROM (
    SELECT oid, hashoidextended(oid, 1) AS draw,
        hashtextextended(concat_ws(' ', first, second), hashoidextended(oid, 0)) AS digest
    FROM ({objects}) AS object (oid, first, second)
) AS hashed
"""


def large_objects(cursor: psycopg.Cursor[tuple[Any, ...]]) -> dict[str, Content]:
    """Return two contents: the bytes of the large objects, and their owners and grants."""
    version = cursor.connection.info.server_version
    page = hash_of_bytes("bare", "hashint4extended(pageno, hashoidextended(loid, 0))", server_version=version)
    ((number,),) = cursor.execute("SELECT count(*) FROM pg_largeobject_metadata").fetchall()
    mask = 0
    while number // (mask + 1) > SAMPLED:
        mask = 2 * mask + 1
    return {
        "large objects": counted(cursor, _COUNT.format(mask=mask, objects=_PAGES.format(page=page)), mask=mask),
        "access to large objects": counted(cursor, _COUNT.format(mask=mask, objects=_ACCESS), mask=mask),
    }
