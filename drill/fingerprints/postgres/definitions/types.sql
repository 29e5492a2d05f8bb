-- Row types of tables and array types come with what they are the types of.
SELECT name.type || ' ' || name.identity, concat_ws(', ',
    'owner ' || pg_get_userbyid(typowner),
    CASE typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' WHEN 'c' THEN 'composite' WHEN 'r' THEN 'range' WHEN 'm' THEN 'multirange' ELSE 'base' END,
    'labels ' || (SELECT string_agg(quote_literal(enumlabel), ' ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid),
    'over ' || CASE WHEN typtype = 'd' THEN format_type(typbasetype, typtypmod) END,
    CASE WHEN typtype = 'd' AND typnotnull THEN 'not null' END,
    'default ' || coalesce(pg_get_expr(typdefaultbin, 0), quote_literal(typdefault)),
    'collate ' || CASE WHEN typtype = 'd' THEN nullif(typcollation, 0)::regcollation END,
    'of ' || format_type(rngsubtype, NULL),
    'collate ' || nullif(rngcollation, 0)::regcollation,
    'by ' || (pg_identify_object('pg_opclass'::regclass, nullif(rngsubopc, 0), 0)).identity,
    'canonical ' || nullif(rngcanonical, 0)::regprocedure,
    'difference ' || nullif(rngsubdiff, 0)::regprocedure,
    'multirange ' || rngmultitypid::regtype,
    CASE WHEN typtype = 'b' THEN format('input %s, output %s', typinput, typoutput) END)
FROM pg_type AS t
LEFT JOIN pg_range ON rngtypid = t.oid
CROSS JOIN LATERAL pg_identify_object('pg_type'::regclass, t.oid, 0) AS name
WHERE typnamespace IN (SELECT oid FROM own_schema)
    AND ('pg_type'::regclass, t.oid) NOT IN (SELECT classid, objid FROM extension_member)
    AND NOT EXISTS (SELECT FROM pg_type AS element WHERE element.typarray = t.oid)
    AND (typrelid = 0 OR typrelid IN (SELECT oid FROM own_class WHERE relkind = 'c'))
