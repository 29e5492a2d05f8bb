-- The hash of a password's verifier, never the verifier. The bootstrap superuser's belongs to the server, not to the data.
SELECT 'role ' || quote_ident(rolname), concat_ws(', ',
    CASE WHEN rolsuper THEN 'superuser' END,
    CASE WHEN rolcanlogin THEN 'login' END,
    CASE WHEN NOT rolinherit THEN 'no inherit' END,
    CASE WHEN rolcreaterole THEN 'create role' END,
    CASE WHEN rolcreatedb THEN 'create database' END,
    CASE WHEN rolreplication THEN 'replication' END,
    CASE WHEN rolbypassrls THEN 'bypass row security' END,
    'connection limit ' || nullif(rolconnlimit, -1),
    'valid until ' || nullif(rolvaliduntil, 'infinity'),
    'password sha256:' || CASE WHEN oid <> 10 THEN encode(sha256(convert_to(rolpassword, 'UTF8')), 'hex') END)
FROM pg_authid WHERE rolname !~ '^pg_'
