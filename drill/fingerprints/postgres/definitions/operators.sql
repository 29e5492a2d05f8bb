SELECT name.type || ' ' || name.identity, definition
FROM (
    SELECT 'pg_operator'::regclass, oid, format('owner %s, %s, %s, commutator %s, negator %s, merges %s, hashes %s', pg_get_userbyid(oprowner),
        oprcode, concat_ws(' ', nullif(oprrest, 0)::regproc, nullif(oprjoin, 0)::regproc), nullif(oprcom, 0)::regoperator, nullif(oprnegate, 0)::regoperator, oprcanmerge, oprcanhash)
    FROM pg_operator WHERE oprnamespace IN (SELECT oid FROM own_schema)
    UNION ALL
    SELECT 'pg_opfamily'::regclass, f.oid, concat_ws(', ', 'owner ' || pg_get_userbyid(opfowner),
        (SELECT string_agg(format('%s %s %s', amopstrategy, amopopr::regoperator, amoppurpose), ', ' ORDER BY amopstrategy, amopopr::regoperator::text)
            FROM pg_amop WHERE amopfamily = f.oid),
        (SELECT string_agg(format('%s %s', amprocnum, amproc::regprocedure), ', ' ORDER BY amprocnum, amproc::regprocedure::text)
            FROM pg_amproc WHERE amprocfamily = f.oid))
    FROM pg_opfamily AS f WHERE opfnamespace IN (SELECT oid FROM own_schema)
    UNION ALL
    SELECT 'pg_opclass'::regclass, oid, format('owner %s, for %s, default %s, family %s, storage %s', pg_get_userbyid(opcowner), opcintype::regtype,
        opcdefault, (pg_identify_object('pg_opfamily'::regclass, opcfamily, 0)).identity, nullif(opckeytype, 0)::regtype)
    FROM pg_opclass WHERE opcnamespace IN (SELECT oid FROM own_schema)
    UNION ALL
    SELECT 'pg_cast'::regclass, oid, format('%s %s %s', nullif(castfunc, 0)::regprocedure, castcontext, castmethod) FROM pg_cast WHERE oid >= 16384
    UNION ALL
    SELECT 'pg_conversion'::regclass, oid, format('owner %s, %s to %s by %s, default %s', pg_get_userbyid(conowner),
        pg_encoding_to_char(conforencoding), pg_encoding_to_char(contoencoding), conproc, condefault)
    FROM pg_conversion WHERE connamespace IN (SELECT oid FROM own_schema)
    UNION ALL
    SELECT 'pg_transform'::regclass, oid, format('%s %s', nullif(trffromsql, 0)::regprocedure, nullif(trftosql, 0)::regprocedure) FROM pg_transform WHERE oid >= 16384
    UNION ALL
    SELECT 'pg_language'::regclass, oid, format('owner %s, handler %s, trusted %s', pg_get_userbyid(lanowner), nullif(lanplcallfoid, 0)::regprocedure, lanpltrusted)
    FROM pg_language WHERE oid >= 16384
    UNION ALL
    SELECT 'pg_am'::regclass, oid, format('%s for %s', amhandler, amtype) FROM pg_am WHERE oid >= 16384
) AS object (classid, objid, definition)
CROSS JOIN LATERAL pg_identify_object(classid, objid, 0) AS name
WHERE (classid, objid) NOT IN (SELECT classid, objid FROM extension_member)
