SELECT c.place, concat_ws(', ',
    'owner ' || pg_get_userbyid(c.relowner),
    CASE c.relpersistence WHEN 'u' THEN 'unlogged' END,
    format('%s start %s increment %s from %s to %s cache %s', format_type(seqtypid, NULL), seqstart, seqincrement, seqmin, seqmax, seqcache),
    CASE WHEN seqcycle THEN 'cycle' END,
    (SELECT CASE deptype WHEN 'i' THEN 'identity of ' ELSE 'owned by ' END || (pg_identify_object(refclassid, refobjid, refobjsubid)).identity
        FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND refclassid = 'pg_class'::regclass
            AND refobjsubid > 0 AND deptype IN ('a', 'i')))
FROM own_class AS c JOIN pg_sequence ON seqrelid = c.oid
