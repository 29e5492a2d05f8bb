SELECT name.type || ' ' || name.identity, concat_ws(', ',
    'owner ' || pg_get_userbyid(collowner),
    'provider ' || collprovider::text,
    'collate ' || collcollate,
    'ctype ' || collctype,
    'locale ' || coalesce(to_jsonb(c) ->> 'colllocale', to_jsonb(c) ->> 'colliculocale'),
    'rules ' || (to_jsonb(c) ->> 'collicurules'),
    CASE WHEN NOT collisdeterministic THEN 'not deterministic' END,
    CASE WHEN collversion <> pg_collation_actual_version(c.oid) THEN 'of another version than the server has' END)
FROM pg_collation AS c
CROSS JOIN LATERAL pg_identify_object('pg_collation'::regclass, c.oid, 0) AS name
WHERE collnamespace IN (SELECT oid FROM own_schema)
    AND ('pg_collation'::regclass, c.oid) NOT IN (SELECT classid, objid FROM extension_member)
