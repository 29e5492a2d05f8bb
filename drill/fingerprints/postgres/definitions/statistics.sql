SELECT name.type || ' ' || name.identity, concat_ws(', ',
    pg_get_statisticsobjdef(s.oid), 'owner ' || pg_get_userbyid(stxowner), 'target ' || nullif(stxstattarget, -1))
FROM pg_statistic_ext AS s
CROSS JOIN LATERAL pg_identify_object('pg_statistic_ext'::regclass, s.oid, 0) AS name
WHERE stxnamespace IN (SELECT oid FROM own_schema)
