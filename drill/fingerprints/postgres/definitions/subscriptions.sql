-- Without its connection string, which may hold a password, and whether it runs: a restored one has to be told. How far it
-- has got with two-phase commits, and what it is to skip, belong to the server.
SELECT 'subscription ' || quote_ident(subname), concat_ws(', ',
    'owner ' || pg_get_userbyid(subowner),
    CASE WHEN subtwophasestate <> 'd' THEN 'two-phase commits' END,
    (to_jsonb(s) - '{oid,subdbid,subname,subowner,subconninfo,subenabled,subskiplsn,subtwophasestate}'::text[])::text)
FROM pg_subscription AS s WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
