-- Put before every definition: which objects are the database's own, neither the system's nor an extension's.
WITH own_schema AS (
    SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
), extension_member AS (
    SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
), own_class AS (
    SELECT c.*, pg_class_name.type AS kind, pg_class_name.type || ' ' || pg_class_name.identity AS place
    FROM pg_class AS c
    JOIN own_schema ON c.relnamespace = own_schema.oid
    CROSS JOIN LATERAL pg_identify_object('pg_class'::regclass, c.oid, 0) AS pg_class_name
    WHERE ('pg_class'::regclass, c.oid) NOT IN (SELECT classid, objid FROM extension_member)
)
