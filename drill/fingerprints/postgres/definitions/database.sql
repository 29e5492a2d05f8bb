-- Its name is left out: a database may be restored under another.
SELECT 'database', concat_ws(', ',
    'owner ' || pg_get_userbyid(datdba),
    'encoding ' || pg_encoding_to_char(encoding),
    'locale provider ' || datlocprovider::text,
    'collate ' || datcollate,
    'ctype ' || datctype,
    'locale ' || coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale'),
    'rules ' || (to_jsonb(d) ->> 'daticurules'),
    'connection limit ' || nullif(datconnlimit, -1),
    CASE WHEN datcollversion <> pg_database_collation_actual_version(d.oid)
        THEN 'sorted by another version of its collation than the server has' END)
FROM pg_database AS d WHERE datname = current_database()
