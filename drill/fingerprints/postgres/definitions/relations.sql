SELECT c.place, concat_ws(', ',
    'owner ' || pg_get_userbyid(c.relowner),
    CASE c.relpersistence WHEN 'u' THEN 'unlogged' END,
    'access method ' || amname,
    CASE WHEN c.relrowsecurity THEN 'row security enabled' END,
    CASE WHEN c.relforcerowsecurity THEN 'row security forced' END,
    'partitioned by ' || pg_get_partkeydef(c.oid),
    (SELECT string_agg(concat_ws(' ',
            'child of', inhparent::regclass, pg_get_expr(c.relpartbound, c.oid), CASE WHEN inhdetachpending THEN 'detach pending' END),
            ', ' ORDER BY inhseqno)
        FROM pg_inherits WHERE inhrelid = c.oid),
    CASE WHEN c.relispartition AND EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid AND tgisinternal AND tgenabled <> 'O')
        THEN 'triggers of its foreign keys are disabled' END,
    'of type ' || nullif(c.reloftype, 0)::regtype,
    'options ' || (SELECT string_agg(option, ' ' ORDER BY option) FROM unnest(c.reloptions) AS option),
    'toast options ' || (SELECT string_agg(option, ' ' ORDER BY option)
        FROM pg_class AS toast, unnest(toast.reloptions) AS option WHERE toast.oid = c.reltoastrelid),
    CASE c.relreplident WHEN 'd' THEN NULL WHEN 'f' THEN 'replica identity full' WHEN 'n' THEN 'replica identity nothing'
        ELSE 'replica identity by index' END,
    'server ' || quote_ident(srvname) || ' ' || coalesce(ftoptions::text, ''),
    CASE WHEN c.relkind = 'm' AND NOT c.relispopulated THEN 'not populated' END,
    'columns ' || (SELECT string_agg(quote_ident(attname), ' ' ORDER BY attnum)
        FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped),
    'as ' || CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END)
FROM own_class AS c
LEFT JOIN pg_am ON pg_am.oid = c.relam
LEFT JOIN pg_foreign_table ON ftrelid = c.oid
LEFT JOIN pg_foreign_server ON pg_foreign_server.oid = ftserver
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
