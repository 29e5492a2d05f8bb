SELECT 'policy ' || name.identity, concat_ws(' ',
    CASE WHEN polpermissive THEN 'permissive' ELSE 'restrictive' END,
    'for ' || CASE polcmd WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update' WHEN 'd' THEN 'delete' ELSE 'all' END,
    'to ' || (SELECT string_agg(CASE role WHEN 0 THEN 'public' ELSE quote_ident(pg_get_userbyid(role)) END, ', ' ORDER BY pg_get_userbyid(role))
        FROM unnest(polroles) AS role),
    'using ' || pg_get_expr(polqual, polrelid),
    'with check ' || pg_get_expr(polwithcheck, polrelid))
FROM pg_policy
CROSS JOIN LATERAL pg_identify_object('pg_policy'::regclass, pg_policy.oid, 0) AS name
WHERE polrelid IN (SELECT oid FROM own_class)
