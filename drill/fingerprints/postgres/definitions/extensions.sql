SELECT 'extension ' || quote_ident(extname), format('version %s, schema %s, owner %s', extversion, extnamespace::regnamespace, pg_get_userbyid(extowner))
FROM pg_extension
