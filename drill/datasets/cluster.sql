CREATE SCHEMA monthly AUTHORIZATION camera_owner;
CREATE TABLE monthly.totals (month date PRIMARY KEY, inside bigint NOT NULL, note text) TABLESPACE cold_storage;
INSERT INTO monthly.totals
SELECT date '2019-01-01' + n * interval '1 month', n * 1009 % 7919, 'tháng ' || n FROM generate_series(0, 83) AS n;
GRANT USAGE ON SCHEMA monthly TO camera_reader;
GRANT SELECT ON monthly.totals TO camera_reader;
SELECT lo_from_bytea(17, sha256('yearly plan'::bytea));
ALTER ROLE camera_reader IN DATABASE camera_archive SET statement_timeout = '7s';
-- Stands for an index in the order of a collation that the operating system brings: it fits as long as the machine sorts
-- as the old one did.
CREATE FUNCTION monthly.sorted_as(note text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
    RETURN CASE WHEN current_setting('estate.sorted_by', true) = 'another' THEN reverse(note) ELSE note END;
END $$;
CREATE INDEX totals_by_note ON monthly.totals (monthly.sorted_as(note));
