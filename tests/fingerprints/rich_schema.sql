-- One of everything that a restore can lose, and everything that has been seen to read differently after one.

CREATE ROLE owner_role NOLOGIN;
CREATE ROLE "người đọc" NOLOGIN;
CREATE ROLE app LOGIN NOINHERIT CONNECTION LIMIT 5 PASSWORD 'correct horse' VALID UNTIL '2099-01-01 00:00:00+00';
CREATE ROLE auditor LOGIN BYPASSRLS CREATEDB;
GRANT "người đọc" TO app WITH ADMIN OPTION;
GRANT pg_read_all_stats TO auditor;
ALTER ROLE app SET statement_timeout = '30s';
ALTER ROLE app SET "app.secret" = 'hunter2';
DO $$ BEGIN
    EXECUTE format('ALTER DATABASE %I SET work_mem = ''8MB''', current_database());
    EXECUTE format('ALTER ROLE auditor IN DATABASE %I SET search_path = shop, public', current_database());
    EXECUTE format('COMMENT ON DATABASE %I IS ''cửa hàng''', current_database());
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO app WITH GRANT OPTION', current_database());
    EXECUTE format('REVOKE CONNECT ON DATABASE %I FROM PUBLIC', current_database());
END $$;
COMMENT ON ROLE app IS 'the application';
GRANT SET ON PARAMETER log_min_messages TO auditor;

CREATE EXTENSION hstore;
CREATE EXTENSION citext;
CREATE EXTENSION pg_trgm SCHEMA public;
CREATE SCHEMA shop AUTHORIZATION owner_role;
CREATE SCHEMA "Kho hàng";
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA shop TO "người đọc", app;
REVOKE EXECUTE ON FUNCTION pg_catalog.pg_ls_logdir() FROM pg_monitor;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_switch_wal() TO auditor;
REVOKE EXECUTE ON FUNCTION public.similarity(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.similarity(text, text) TO app;

ALTER DEFAULT PRIVILEGES FOR ROLE owner_role IN SCHEMA shop GRANT SELECT ON TABLES TO "người đọc";
ALTER DEFAULT PRIVILEGES FOR ROLE owner_role REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE app GRANT USAGE ON SEQUENCES TO auditor WITH GRANT OPTION;

CREATE TYPE shop.mood AS ENUM ('vui', 'buồn', 'it''s ok');
ALTER TYPE shop.mood ADD VALUE 'mới' BEFORE 'buồn';
CREATE TYPE shop.address AS (street text COLLATE "C", number integer);
CREATE TYPE shop.period AS RANGE (subtype = timestamptz, multirange_type_name = shop.periods);
CREATE DOMAIN shop.positive AS integer DEFAULT 1 NOT NULL CHECK (VALUE > 0);
CREATE DOMAIN shop.code AS varchar(8) COLLATE "C" CONSTRAINT code_form CHECK (VALUE ~ '^[A-Z]+$') CHECK (VALUE IN ('ABC', 'DEF', 'XYZ'));
CREATE DOMAIN shop.words AS text[];
COMMENT ON CONSTRAINT code_form ON DOMAIN shop.code IS 'capitals';
REVOKE USAGE ON TYPE shop.mood FROM PUBLIC;
CREATE COLLATION shop.plain (locale = 'C');
CREATE CAST (shop.mood AS integer) WITH INOUT;

CREATE FUNCTION shop.add(a integer, b integer DEFAULT 2) RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 5
    RETURN a + b;
CREATE FUNCTION shop.secret() RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET work_mem = '1MB' AS $f$
BEGIN RETURN 'x'; END $f$;
ALTER FUNCTION shop.secret() OWNER TO owner_role;
REVOKE EXECUTE ON FUNCTION shop.secret() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION shop.secret() TO app;
CREATE PROCEDURE shop.tidy(INOUT n integer) LANGUAGE plpgsql AS $p$ BEGIN n := n + 1; COMMIT; END $p$;
CREATE AGGREGATE shop.total(integer) (sfunc = int4pl, stype = integer, initcond = '0', combinefunc = int4pl, parallel = safe);
CREATE OPERATOR shop.<+> (function = shop.add, leftarg = integer, rightarg = integer, commutator = OPERATOR(shop.<+>));
CREATE TEXT SEARCH DICTIONARY shop.simple_words (template = pg_catalog.simple, accept = false);
CREATE TEXT SEARCH CONFIGURATION shop.search (copy = pg_catalog.simple);
ALTER TEXT SEARCH CONFIGURATION shop.search ALTER MAPPING FOR asciiword WITH shop.simple_words, simple;
CREATE OPERATOR FAMILY shop.numbers USING btree;
CREATE OPERATOR CLASS shop.number_order FOR TYPE integer USING btree FAMILY shop.numbers AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 btint4cmp(integer, integer);

CREATE TABLE shop.cameras (
    id integer GENERATED ALWAYS AS IDENTITY (START 10 INCREMENT 5) PRIMARY KEY,
    name text NOT NULL,
    state varchar(10) DEFAULT 'on' CHECK (state IN ('on', 'off', 'it''s], odd')),
    price numeric(10, 2) CONSTRAINT price_positive CHECK (price > 0),
    twice integer GENERATED ALWAYS AS (id * 2) STORED,
    thrice integer GENERATED ALWAYS AS (id * 3) VIRTUAL,
    parent integer,
    code shop.code,
    dropped text,
    place shop.address,
    open_at shop.period,
    mood shop.mood,
    extra jsonb DEFAULT '{"a": [1, 2]}',
    long_text text STORAGE EXTERNAL COMPRESSION pglz COLLATE "C",
    CONSTRAINT parent_camera FOREIGN KEY (parent) REFERENCES shop.cameras DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT one_name UNIQUE NULLS NOT DISTINCT (name, parent) DEFERRABLE
) WITH (fillfactor = 70, autovacuum_enabled = true, toast.autovacuum_enabled = true);
ALTER TABLE shop.cameras DROP COLUMN dropped;
ALTER TABLE shop.cameras ALTER COLUMN name SET STATISTICS 500, ALTER COLUMN name SET (n_distinct = 20);
ALTER TABLE shop.cameras ADD CONSTRAINT not_silly CHECK (name <> 'silly') NOT VALID;
ALTER TABLE shop.cameras ADD COLUMN added integer NOT NULL DEFAULT 7;
ALTER TABLE shop.cameras OWNER TO owner_role;

ALTER TABLE shop.cameras ENABLE ROW LEVEL SECURITY;
ALTER TABLE shop.cameras FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON shop.cameras FOR SELECT TO app, "người đọc" USING (name = current_user);
CREATE POLICY strict ON shop.cameras AS RESTRICTIVE USING (state IN ('on', 'off')) WITH CHECK (id > 0);
GRANT SELECT, UPDATE ON shop.cameras TO app WITH GRANT OPTION;
GRANT UPDATE (name, price) ON shop.cameras TO "người đọc";
SET ROLE app;
GRANT SELECT ON shop.cameras TO auditor;
RESET ROLE;
REVOKE TRUNCATE ON shop.cameras FROM owner_role;
CREATE INDEX cameras_lower ON shop.cameras (lower(name) text_pattern_ops DESC NULLS LAST) INCLUDE (price) WHERE state IN ('on', 'off');
ALTER INDEX shop.cameras_lower ALTER COLUMN 1 SET STATISTICS 300;
CREATE INDEX cameras_parent ON shop.cameras (parent) WITH (fillfactor = 60);
CREATE INDEX cameras_words ON shop.cameras USING gin (name gin_trgm_ops);
ALTER TABLE shop.cameras CLUSTER ON cameras_parent;
CREATE STATISTICS shop.cameras_pairs (dependencies, mcv) ON state, price, (lower(name)) FROM shop.cameras;
ALTER STATISTICS shop.cameras_pairs SET STATISTICS 200;
COMMENT ON TABLE shop.cameras IS E'máy ảnh\n"quoted"';
COMMENT ON COLUMN shop.cameras.name IS 'tên';
COMMENT ON INDEX shop.cameras_lower IS 'for searching';
COMMENT ON CONSTRAINT price_positive ON shop.cameras IS 'no gifts';

CREATE TABLE shop."Đơn hàng ""2""" (
    "số" bigint PRIMARY KEY,
    camera integer REFERENCES shop.cameras ON DELETE SET NULL ON UPDATE CASCADE,
    during tstzrange,
    EXCLUDE USING gist (during WITH &&)
);
CREATE TABLE "Kho hàng".stock (a integer, b text, UNIQUE (a)) INHERITS (shop."Đơn hàng ""2""");
CREATE UNLOGGED TABLE shop.scratch (id uuid PRIMARY KEY, v shop.positive);
CREATE TABLE shop.nothing ();
CREATE TABLE shop.typed OF shop.address (PRIMARY KEY (number));

CREATE TABLE shop.events (id bigint NOT NULL, at timestamptz NOT NULL, kind text, camera integer REFERENCES shop.cameras, PRIMARY KEY (at, id))
    PARTITION BY RANGE (at);
CREATE TABLE shop.events_1 PARTITION OF shop.events FOR VALUES FROM ('2026-01-01+00') TO ('2026-02-01+00') PARTITION BY RANGE (id);
CREATE TABLE shop.events_1_low PARTITION OF shop.events_1 FOR VALUES FROM (MINVALUE) TO (4);
CREATE TABLE shop.events_1_rest PARTITION OF shop.events_1 DEFAULT;
CREATE TABLE shop.events_2 (kind text, id bigint NOT NULL, at timestamptz NOT NULL, camera integer);
ALTER TABLE shop.events ATTACH PARTITION shop.events_2 FOR VALUES FROM ('2026-02-01+00') TO (MAXVALUE);
CREATE INDEX events_kind ON shop.events (kind);
ALTER TABLE shop.events_2 ADD CONSTRAINT only_here CHECK (id > 0);
CREATE TABLE shop.pointers (at timestamptz, id bigint, FOREIGN KEY (at, id) REFERENCES shop.events);
ALTER TABLE shop.pointers REPLICA IDENTITY FULL;
CREATE TABLE shop.hashed (id integer) PARTITION BY HASH (id);
CREATE TABLE shop.hashed_0 PARTITION OF shop.hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE shop.hashed_1 PARTITION OF shop.hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1);

CREATE FUNCTION shop.stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER stamp_cameras BEFORE UPDATE OF name, price ON shop.cameras FOR EACH ROW
    WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION shop.stamp('a', 'b''c');
CREATE TRIGGER sleeping AFTER INSERT ON shop.cameras REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION shop.stamp();
ALTER TABLE shop.cameras DISABLE TRIGGER sleeping;
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON shop.cameras DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION shop.stamp();
ALTER TABLE shop.cameras ENABLE ALWAYS TRIGGER late;
CREATE TRIGGER on_events AFTER INSERT ON shop.events FOR EACH ROW EXECUTE FUNCTION shop.stamp();
ALTER TABLE shop.events_2 DISABLE TRIGGER on_events;
CREATE RULE no_delete AS ON DELETE TO shop.scratch DO INSTEAD NOTHING;

CREATE VIEW shop.on_cameras WITH (security_barrier, check_option = local) AS
    SELECT id, name, price FROM shop.cameras WHERE state IN ('on', 'off') AND (price > 1 OR (name LIKE 'x%' AND NOT id BETWEEN 1 AND 3));
ALTER VIEW shop.on_cameras ALTER COLUMN price SET DEFAULT 3;
CREATE VIEW shop.listed AS (SELECT 1 AS a, 'x' AS b UNION ALL SELECT 2, 'y') EXCEPT (VALUES (1, 'z')) ORDER BY 1;
CREATE VIEW shop.counts AS
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3)
    SELECT c.name, count(*) FILTER (WHERE o.during IS NOT NULL) AS orders, sum(n.i) OVER w AS running
    FROM shop.cameras AS c LEFT JOIN shop."Đơn hàng ""2""" AS o ON o.camera = c.id CROSS JOIN n
    GROUP BY c.name, n.i WINDOW w AS (ORDER BY n.i ROWS 1 PRECEDING);
CREATE MATERIALIZED VIEW shop.totals AS SELECT mood, count(*) AS n, avg(price) AS mean FROM shop.cameras GROUP BY mood;
CREATE MATERIALIZED VIEW shop.empty_totals AS SELECT 1 AS one WITH NO DATA;
CREATE UNIQUE INDEX totals_mood ON shop.totals (mood);

CREATE SEQUENCE shop.plain AS smallint START 5 INCREMENT -1 MINVALUE -100 MAXVALUE 10 CACHE 3 CYCLE;
CREATE SEQUENCE shop.called;
SELECT setval('shop.called', 17, true);
CREATE SEQUENCE shop.not_called;
SELECT setval('shop.not_called', 17, false);
CREATE TABLE shop.numbered (id serial PRIMARY KEY, big bigserial);
CREATE UNLOGGED SEQUENCE shop.unlogged;
GRANT USAGE ON SEQUENCE shop.called TO app;

CREATE PUBLICATION part FOR TABLE shop.numbered WHERE (id > 1), shop.typed (number), TABLE shop.hashed WITH (publish = 'insert');
CREATE PUBLICATION stock FOR TABLES IN SCHEMA "Kho hàng" WITH (publish = 'insert');
CREATE PUBLICATION everything FOR ALL TABLES WITH (publish = 'insert');
CREATE FUNCTION shop.watch() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE EVENT TRIGGER watcher ON ddl_command_end WHEN TAG IN ('DROP TABLE') EXECUTE FUNCTION shop.watch();
CREATE EVENT TRIGGER asleep ON sql_drop EXECUTE FUNCTION shop.watch();
ALTER EVENT TRIGGER asleep DISABLE;
CREATE FOREIGN DATA WRAPPER elsewhere;
CREATE SERVER faraway FOREIGN DATA WRAPPER elsewhere OPTIONS (host 'nowhere');
CREATE USER MAPPING FOR app SERVER faraway OPTIONS (password 'hunter2');
CREATE FOREIGN TABLE shop.far (id integer OPTIONS (hidden 'yes'), v text) SERVER faraway OPTIONS (name 'x');
GRANT USAGE ON FOREIGN SERVER faraway TO app;

CREATE TABLE shop.every_type (
    id integer PRIMARY KEY, t text, vc varchar(5), c char(5), c_any bpchar, b boolean, i2 smallint, i8 bigint, o oid, n numeric, f4 real, f8 double precision,
    m money, by bytea, u uuid, d date, ti time, tz timetz, ts timestamp, tstz timestamptz, iv interval, j json, jb jsonb, a text[], na numeric[], ci citext, h hstore,
    r int4range, mr int4multirange, p point, po polygon, ip inet, net cidr, mac macaddr, bits bit(3), vbits varbit, tsv tsvector, tsq tsquery, x shop.mood, dom shop.positive,
    w shop.words, comp shop.address, nm name, ch "char", rc regclass, rp regprocedure, lsn pg_lsn, jp jsonpath, xs xid8, moods shop.mood[], fa double precision[], iva interval[], bya bytea[], ma money[], da date[]);
INSERT INTO shop.every_type VALUES
    (1, 'chữ', 'abc', 'ab', 'ab  ', true, 1, 4294967296, 42, 1.00, 1.1, 'NaN', '12.34', '\x00ff', '6f0d91c3-7a52-4e1b-9c68-d4b05f2e83a8', 'infinity', '01:02:03.4', '01:02+07',
     '2026-01-01 01:02:03.456789', '-infinity', '1 mon 2 days 03:00', '{"b": 1,  "a": 2}', '{"b": 1.0}', '{a,NULL,"b c"}', '{1.0,1.00}', 'CiTeXt', 'a=>1,b=>NULL',
     '[1,5)', '{[1,3),[5,7)}', '(1,2)', '((0,0),(1,1),(1,0))', '10.0.0.1/24', '10.0.0.0/24', '08:00:2b:01:02:03', '101', '1', 'a:1 b:2', 'a & b', 'buồn', 5,
     '{x}', '(phố,1)', 'name', 'c', 'shop.cameras', 'shop.add(integer,integer)', '16/B374D848', '$.a', '12', '{mới}', '{0.30000000000000004}', '{1 mon 02:03}', ARRAY['\x00ff'::bytea], '{1.5}', '{2026-12-31}'),
    (2, '', '', '', '', false, -1, -1, 0, 'NaN', '-0', '-0', '0', '', '00000000-0000-0000-0000-000000000000', '-infinity', '24:00', '00:00-12',
     'infinity', '2026-01-01 00:00+00', '30 days', 'null', 'null', '{}', '{}', '', '', 'empty', '{}', '(0,-0)', '((0,0))', '::1', '::/0', '00:00:00:00:00:00', '000', '', '', '',
     'vui', 1, '{}', '(,)', '', '', '0', '0', '0/0', '$', '0', '{}', '{}', '{}', '{}', '{}', '{}'),
    (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
     NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 9, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO shop.cameras (name, price, code, place, open_at, mood)
    SELECT 'máy ' || n, n * 1.50, 'ABC', ROW('phố ' || n, n)::shop.address, shop.period(now(), now() + interval '1 day'), 'mới'::shop.mood FROM generate_series(1, 30) AS n;
DELETE FROM shop.cameras WHERE id = 15;
UPDATE shop.cameras SET parent = 10 WHERE id > 40;
INSERT INTO shop."Đơn hàng ""2""" SELECT n, 10 + 5 * (n % 2) * 2, tstzrange('2026-01-01'::timestamptz + n * interval '1 day', '2026-01-01'::timestamptz + (n + 1) * interval '1 day') FROM generate_series(1, 5) AS n;
INSERT INTO "Kho hàng".stock VALUES (100, NULL, NULL, 1, 'b'), (101, NULL, NULL, 2, '');
INSERT INTO shop.scratch VALUES ('6f0d91c3-7a52-4e1b-9c68-d4b05f2e83a8', 1);
INSERT INTO shop.events SELECT n, '2026-01-25+00'::timestamptz + n * interval '1 day', CASE n % 3 WHEN 0 THEN 'in' WHEN 1 THEN 'out' END, 10 FROM generate_series(1, 20) AS n;
INSERT INTO shop.hashed SELECT generate_series(1, 20);
INSERT INTO shop.hashed VALUES (1), (1);
INSERT INTO shop.nothing SELECT FROM generate_series(1, 3);
INSERT INTO shop.numbered DEFAULT VALUES;
REFRESH MATERIALIZED VIEW shop.totals;
SELECT lo_from_bytea(5000, '\x00ff10'), lo_from_bytea(5001, ''), lo_from_bytea(5002, convert_to(repeat('a', 2048) || repeat('b', 2048) || 'c', 'UTF8'));
SELECT lo_put(5001, 100000, 'x');
ALTER LARGE OBJECT 5000 OWNER TO owner_role;
GRANT SELECT ON LARGE OBJECT 5002 TO app;
COMMENT ON LARGE OBJECT 5000 IS 'bản đồ';
