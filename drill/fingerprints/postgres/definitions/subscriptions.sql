-- Without its connection string, which may hold a password, and whether it runs: a restored one has to be told.
SELECT 'subscription ' || quote_ident(subname), format('owner %s, to %s, slot %s, synchronous commit %s, binary %s',
    pg_get_userbyid(subowner), subpublications, subslotname, subsynccommit, subbinary)
FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
