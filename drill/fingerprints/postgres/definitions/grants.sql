-- By grantee, in no order, with the defaults that an absent list stands for.
-- Of what the system or an extension made, only the objects whose grants were changed since.
SELECT concat('grant on ', name.type, CASE name.type WHEN 'database' THEN '' ELSE ' ' || name.identity END, ' to ',
        CASE grantee WHEN 0 THEN 'public' ELSE quote_ident(pg_get_userbyid(grantee)) END),
    string_agg(concat(privilege_type, CASE WHEN is_grantable THEN ' with grant option' END,
            CASE WHEN grantor <> owner THEN ' by ' || quote_ident(pg_get_userbyid(grantor)) END),
        ', ' ORDER BY privilege_type, is_grantable, pg_get_userbyid(grantor))
FROM (
    SELECT 'pg_class'::regclass, oid, 0, relowner, relacl,
        acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner)
    FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    UNION ALL
    SELECT 'pg_class'::regclass, attrelid, attnum, relowner, attacl, '{}'
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE attacl IS NOT NULL AND NOT attisdropped
    UNION ALL
    SELECT 'pg_proc'::regclass, oid, 0, proowner, proacl, acldefault('f', proowner) FROM pg_proc
    UNION ALL
    SELECT 'pg_type'::regclass, oid, 0, typowner, typacl, acldefault('T', typowner)
    FROM pg_type AS t
    WHERE (typrelid = 0 OR typrelid IN (SELECT oid FROM own_class WHERE relkind = 'c'))
        AND NOT EXISTS (SELECT FROM pg_type AS element WHERE element.typarray = t.oid)
        AND typtype <> 'm'
    UNION ALL
    SELECT 'pg_namespace'::regclass, oid, 0, nspowner, nspacl, acldefault('n', nspowner)
    FROM pg_namespace WHERE nspname !~ '^pg_(toast|temp)'
    UNION ALL
    SELECT 'pg_language'::regclass, oid, 0, lanowner, lanacl, acldefault('l', lanowner) FROM pg_language
    UNION ALL
    SELECT 'pg_foreign_data_wrapper'::regclass, oid, 0, fdwowner, fdwacl, acldefault('F', fdwowner) FROM pg_foreign_data_wrapper
    UNION ALL
    SELECT 'pg_foreign_server'::regclass, oid, 0, srvowner, srvacl, acldefault('S', srvowner) FROM pg_foreign_server
    UNION ALL
    SELECT 'pg_database'::regclass, oid, 0, datdba, datacl, acldefault('d', datdba)
    FROM pg_database WHERE datname = current_database()
    UNION ALL
    SELECT 'pg_parameter_acl'::regclass, oid, 0, 10, paracl, acldefault('p', 10) FROM pg_parameter_acl
) AS granted (classoid, objoid, objsubid, owner, acl, standard)
LEFT JOIN pg_init_privs USING (classoid, objoid, objsubid)
CROSS JOIN LATERAL aclexplode(coalesce(acl, standard))
CROSS JOIN LATERAL pg_identify_object(classoid, objoid, objsubid) AS name
WHERE (
        (objoid >= 16384 OR classoid = 'pg_database'::regclass OR objoid IN (SELECT oid FROM own_schema))
        AND (classoid, objoid) NOT IN (SELECT classid, objid FROM extension_member)
    ) OR (
        -- Nothing is remembered of how the information schema was made.
        (objoid >= 16384 OR coalesce(name.schema, name.identity) <> 'information_schema')
        AND ARRAY(SELECT item::text FROM unnest(coalesce(acl, standard)) AS item ORDER BY 1)
            <> ARRAY(SELECT item::text FROM unnest(coalesce(initprivs, standard)) AS item ORDER BY 1)
    )
GROUP BY name.type, name.identity, grantee
