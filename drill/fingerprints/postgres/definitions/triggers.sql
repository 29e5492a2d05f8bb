SELECT 'trigger ' || name.identity, pg_get_triggerdef(t.oid) || CASE tgenabled
    WHEN 'O' THEN '' WHEN 'D' THEN ', disabled' WHEN 'R' THEN ', enabled on a replica' ELSE ', enabled always' END
FROM pg_trigger AS t
CROSS JOIN LATERAL pg_identify_object('pg_trigger'::regclass, t.oid, 0) AS name
WHERE NOT tgisinternal AND tgrelid IN (SELECT oid FROM own_class)
