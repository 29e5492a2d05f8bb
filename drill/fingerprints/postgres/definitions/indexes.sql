SELECT c.place, concat_ws(', ',
    pg_get_indexdef(c.oid),
    CASE WHEN NOT indisvalid THEN 'invalid' END,
    CASE WHEN NOT indisready THEN 'not ready' END,
    CASE WHEN NOT indimmediate THEN 'not immediate' END,
    CASE WHEN indisclustered THEN 'clustered' END,
    CASE WHEN indisreplident THEN 'replica identity' END,
    'part of ' || (SELECT inhparent::regclass::text FROM pg_inherits WHERE inhrelid = c.oid),
    'statistics ' || (SELECT string_agg(attnum || ' ' || attstattarget, ' ' ORDER BY attnum)
        FROM pg_attribute WHERE attrelid = c.oid AND attstattarget <> -1))
FROM own_class AS c JOIN pg_index ON indexrelid = c.oid
