CREATE ROLE readers;
CREATE ROLE "Lan ""the; boss"" O'Hara" LOGIN CREATEDB PASSWORD 'not-in-the-dump' CONNECTION LIMIT 7;
GRANT readers TO "Lan ""the; boss"" O'Hara" WITH ADMIN OPTION, INHERIT FALSE;
COMMENT ON ROLE readers IS E'they\n''CREATE ROLE nobody;\n\\! touch this; -- read';
ALTER ROLE readers SET work_mem TO '9MB';
ALTER ROLE "Lan ""the; boss"" O'Hara" IN DATABASE shop SET search_path TO sales, public;
ALTER ROLE postgres SET statement_timeout TO '10min';

CREATE SCHEMA sales AUTHORIZATION "Lan ""the; boss"" O'Hara";
CREATE TABLE sales."order lines" (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text, photo bytea);
INSERT INTO sales."order lines" (note, photo)
    SELECT 'Đơn hàng ' || n, decode(string_agg(md5(n || ' ' || m), ''), 'hex')
    FROM generate_series(1, 600) n, generate_series(1, 60) m GROUP BY n ORDER BY n;
GRANT SELECT ON sales."order lines" TO readers;
CREATE TABLE counts (day date, visitors int) PARTITION BY RANGE (day);
CREATE TABLE counts_2026 PARTITION OF counts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
INSERT INTO counts VALUES ('2026-11-23', 12);
CREATE MATERIALIZED VIEW busiest AS SELECT max(visitors) FROM counts;
SELECT lo_from_bytea(4711, 'a large object');
ALTER DATABASE shop SET timezone TO 'Asia/Ho_Chi_Minh';
COMMENT ON DATABASE shop IS 'of cameras';
REVOKE TEMPORARY ON DATABASE shop FROM PUBLIC;
GRANT TEMPORARY ON DATABASE shop TO readers;
ANALYZE;
CREATE TABLE U&"two\000Alines" (id integer);
