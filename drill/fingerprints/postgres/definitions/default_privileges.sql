-- Whoever takes a privilege from everybody, its owner too, leaves an empty list, which is not the same as none.
SELECT format('default privileges of %I%s on %s to %s', pg_get_userbyid(defaclrole), ' in schema ' || nullif(defaclnamespace, 0)::regnamespace,
        CASE defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions' WHEN 'T' THEN 'types'
            WHEN 'n' THEN 'schemas' ELSE 'large objects' END,
        CASE grantee WHEN 0 THEN 'public' ELSE coalesce(quote_ident(pg_get_userbyid(grantee)), 'no one') END),
    string_agg(concat(privilege_type, CASE WHEN is_grantable THEN ' with grant option' END), ', ' ORDER BY privilege_type)
FROM pg_default_acl LEFT JOIN LATERAL aclexplode(defaclacl) ON true
GROUP BY defaclrole, defaclnamespace, defaclobjtype, grantee
