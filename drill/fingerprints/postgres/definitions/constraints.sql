-- A partition's foreign key follows from its parent's, under a name that the server makes up; its triggers are told of with
-- the partition.
-- A restore that disabled the triggers of foreign keys and died leaves them unenforced.
SELECT name.type || ' ' || name.identity, concat_ws(', ',
    pg_get_constraintdef(con.oid),
    CASE WHEN NOT convalidated THEN 'not validated' END,
    CASE WHEN EXISTS (SELECT FROM pg_trigger WHERE tgconstraint = con.oid AND tgisinternal AND tgenabled <> 'O')
        THEN 'its triggers are disabled' END)
FROM pg_constraint AS con
CROSS JOIN LATERAL pg_identify_object('pg_constraint'::regclass, con.oid, 0) AS name
WHERE connamespace IN (SELECT oid FROM own_schema)
    AND contype <> 't'
    AND NOT (contype = 'f' AND conparentid <> 0)
    AND (conrelid = 0 OR conrelid IN (SELECT oid FROM own_class))
    AND ('pg_type'::regclass, contypid) NOT IN (SELECT classid, objid FROM extension_member)
