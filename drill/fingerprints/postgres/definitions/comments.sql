-- The comment that initdb gives the database postgres says nothing about the one that is restored.
SELECT concat('comment on ', name.type, CASE name.type WHEN 'database' THEN '' ELSE ' ' || name.identity END), description
FROM (
    SELECT classoid, objoid, objsubid, description FROM pg_description
    UNION ALL
    SELECT classoid, objoid, 0, description FROM pg_shdescription
    WHERE classoid = 'pg_authid'::regclass
        OR (classoid = 'pg_database'::regclass AND objoid = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND description <> 'default administrative connection database')
) AS comment
CROSS JOIN LATERAL pg_identify_object(classoid, objoid, objsubid) AS name
WHERE (objoid >= 16384 OR classoid IN ('pg_database'::regclass, 'pg_authid'::regclass) OR objoid IN (SELECT oid FROM own_schema))
    AND (classoid, objoid) NOT IN (SELECT classid, objid FROM extension_member)
