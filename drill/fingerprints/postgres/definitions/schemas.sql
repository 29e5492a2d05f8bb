SELECT 'schema ' || quote_ident(nspname), 'owner ' || pg_get_userbyid(nspowner)
FROM pg_namespace JOIN own_schema USING (oid, nspname)
WHERE ('pg_namespace'::regclass, oid) NOT IN (SELECT classid, objid FROM extension_member)
