-- The options of a server and of its users are where passwords are: only their hash.
SELECT 'foreign-data wrapper ' || quote_ident(fdwname), concat_ws(', ',
    'owner ' || pg_get_userbyid(fdwowner), 'handler ' || nullif(fdwhandler, 0)::regproc, 'validator ' || nullif(fdwvalidator, 0)::regproc,
    'options sha256:' || encode(sha256(convert_to((SELECT string_agg(option, ' ' ORDER BY option) FROM unnest(fdwoptions) AS option), 'UTF8')), 'hex'))
FROM pg_foreign_data_wrapper
WHERE ('pg_foreign_data_wrapper'::regclass, oid) NOT IN (SELECT classid, objid FROM extension_member)
UNION ALL
SELECT 'foreign server ' || quote_ident(srvname), concat_ws(', ',
    'owner ' || pg_get_userbyid(srvowner), 'wrapper ' || quote_ident(fdwname), 'type ' || srvtype, 'version ' || srvversion,
    'options sha256:' || encode(sha256(convert_to((SELECT string_agg(option, ' ' ORDER BY option) FROM unnest(srvoptions) AS option), 'UTF8')), 'hex'))
FROM pg_foreign_server JOIN pg_foreign_data_wrapper ON pg_foreign_data_wrapper.oid = srvfdw
UNION ALL
SELECT format('user mapping of %s on server %I', CASE umuser WHEN 0 THEN 'public' ELSE quote_ident(pg_get_userbyid(umuser)) END, srvname),
    'options sha256:' || encode(sha256(convert_to(coalesce((SELECT string_agg(option, ' ' ORDER BY option) FROM unnest(umoptions) AS option), ''), 'UTF8')), 'hex')
FROM pg_user_mapping JOIN pg_foreign_server ON pg_foreign_server.oid = umserver
