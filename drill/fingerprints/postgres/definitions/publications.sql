SELECT 'publication ' || quote_ident(pubname), concat_ws(', ',
    'owner ' || pg_get_userbyid(pubowner),
    (to_jsonb(p) - '{oid,pubname,pubowner}'::text[])::text,
    (SELECT string_agg(concat_ws(' ', prrelid::regclass,
            '(' || (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum)
                FROM pg_attribute WHERE attrelid = prrelid AND attnum = ANY (prattrs)) || ')',
            'where ' || pg_get_expr(prqual, prrelid)), ', ' ORDER BY prrelid::regclass::text)
        FROM pg_publication_rel WHERE prpubid = p.oid),
    (SELECT string_agg('schema ' || pnnspid::regnamespace, ', ' ORDER BY pnnspid::regnamespace::text)
        FROM pg_publication_namespace WHERE pnpubid = p.oid))
FROM pg_publication AS p
