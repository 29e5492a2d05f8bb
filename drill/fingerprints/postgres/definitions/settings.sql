-- Applications keep secrets in settings of their own, which have a dot in their name.
SELECT 'setting ' || name || concat(' of role ' || quote_ident(rolname), CASE WHEN setdatabase <> 0 THEN ' in the database' END),
    CASE WHEN name LIKE '%.%' THEN 'sha256:' || encode(sha256(convert_to(value, 'UTF8')), 'hex') ELSE value END
FROM pg_db_role_setting
LEFT JOIN pg_roles ON pg_roles.oid = setrole
CROSS JOIN LATERAL unnest(setconfig) AS setting
CROSS JOIN LATERAL (SELECT split_part(setting, '=', 1), substr(setting, strpos(setting, '=') + 1)) AS part (name, value)
WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
