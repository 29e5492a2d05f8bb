SELECT name.type || ' ' || name.identity, concat_ws(', ',
    'owner ' || pg_get_userbyid(proowner),
    CASE prokind WHEN 'a' THEN concat_ws(', ',
        format('aggregate returning %s', format_type(prorettype, NULL)),
        'parallel ' || proparallel::text,
        (to_jsonb(a) - '{aggfnoid,aggtranstype,aggmtranstype,aggsortop}'::text[])::text,
        'state ' || format_type(aggtranstype, NULL),
        'moving state ' || format_type(nullif(aggmtranstype, 0), NULL),
        'sort operator ' || nullif(aggsortop, 0)::regoperator)
    ELSE pg_get_functiondef(p.oid) END)
FROM pg_proc AS p
LEFT JOIN pg_aggregate AS a ON aggfnoid = p.oid
CROSS JOIN LATERAL pg_identify_object('pg_proc'::regclass, p.oid, 0) AS name
WHERE pronamespace IN (SELECT oid FROM own_schema)
    AND ('pg_proc'::regclass, p.oid) NOT IN (SELECT classid, objid FROM extension_member)
