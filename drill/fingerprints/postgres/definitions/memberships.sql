-- Its options came with PostgreSQL 16.
SELECT format('membership of %I in %I granted by %I', pg_get_userbyid(member), pg_get_userbyid(roleid), pg_get_userbyid(grantor)),
    format('admin %s, inherit %s, set %s', admin_option, to_jsonb(m) ->> 'inherit_option', to_jsonb(m) ->> 'set_option')
FROM pg_auth_members AS m
WHERE NOT (roleid < 16384 AND member < 16384)
