SELECT name.type || ' ' || name.identity, definition
FROM (
    SELECT 'pg_ts_config'::regclass, c.oid, concat_ws(', ', 'owner ' || pg_get_userbyid(cfgowner),
        'parser ' || (pg_identify_object('pg_ts_parser'::regclass, cfgparser, 0)).identity,
        (SELECT string_agg(format('%s %s', maptokentype, mapdict::regdictionary), ', ' ORDER BY maptokentype, mapseqno)
            FROM pg_ts_config_map WHERE mapcfg = c.oid))
    FROM pg_ts_config AS c WHERE cfgnamespace IN (SELECT oid FROM own_schema)
    UNION ALL
    SELECT 'pg_ts_dict'::regclass, oid, format('owner %s, template %s, %s', pg_get_userbyid(dictowner),
        (pg_identify_object('pg_ts_template'::regclass, dicttemplate, 0)).identity, dictinitoption)
    FROM pg_ts_dict WHERE dictnamespace IN (SELECT oid FROM own_schema)
    UNION ALL
    SELECT 'pg_ts_parser'::regclass, oid, format('%s %s %s %s %s', prsstart, prstoken, prsend, prsheadline, prslextype)
    FROM pg_ts_parser WHERE prsnamespace IN (SELECT oid FROM own_schema)
    UNION ALL
    SELECT 'pg_ts_template'::regclass, oid, format('%s %s', tmplinit, tmpllexize)
    FROM pg_ts_template WHERE tmplnamespace IN (SELECT oid FROM own_schema)
) AS object (classid, objid, definition)
CROSS JOIN LATERAL pg_identify_object(classid, objid, 0) AS name
WHERE (classid, objid) NOT IN (SELECT classid, objid FROM extension_member)
