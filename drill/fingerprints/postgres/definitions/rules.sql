SELECT 'rule ' || name.identity, pg_get_ruledef(r.oid) || CASE ev_enabled
    WHEN 'O' THEN '' WHEN 'D' THEN ' disabled' WHEN 'R' THEN ' enabled on a replica' ELSE ' enabled always' END
FROM pg_rewrite AS r
CROSS JOIN LATERAL pg_identify_object('pg_rewrite'::regclass, r.oid, 0) AS name
WHERE rulename <> '_RETURN' AND ev_class IN (SELECT oid FROM own_class)
