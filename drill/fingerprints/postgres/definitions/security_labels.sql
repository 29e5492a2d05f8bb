SELECT format('security label by %s on %s %s', provider, name.type, name.identity), label
FROM (
    SELECT classoid, objoid, objsubid, provider, label FROM pg_seclabel
    UNION ALL
    SELECT classoid, objoid, 0, provider, label FROM pg_shseclabel WHERE classoid = 'pg_authid'::regclass
) AS labelled
CROSS JOIN LATERAL pg_identify_object(classoid, objoid, objsubid) AS name
