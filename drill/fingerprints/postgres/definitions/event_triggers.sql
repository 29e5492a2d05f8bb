SELECT 'event trigger ' || quote_ident(evtname), concat_ws(', ',
    'on ' || evtevent, 'when tag in ' || evttags::text, 'execute ' || evtfoid::regprocedure, 'owner ' || pg_get_userbyid(evtowner),
    CASE evtenabled WHEN 'O' THEN NULL WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'enabled on a replica' ELSE 'enabled always' END)
FROM pg_event_trigger
WHERE ('pg_event_trigger'::regclass, oid) NOT IN (SELECT classid, objid FROM extension_member)
