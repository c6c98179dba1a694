-- The change log: every committed change of every watched table, written by the triggers of
-- 0004_capture.sql, read by any number of servers, kept for some days (docs/decisions/0001-change-log.md).

REVOKE ALL ON SCHEMA ordercast FROM PUBLIC;

-- What a reader has to know about the log as a whole: one row.
CREATE TABLE ordercast.history (
  -- Positions of another epoch mean nothing here.
  epoch uuid NOT NULL DEFAULT gen_random_uuid(),
  -- The highest transaction whose changes may be gone. A position P is served when every transaction
  -- that P does not see is above it: pg_snapshot_xmin(P) > floor_tx.
  floor_tx xid8 NOT NULL DEFAULT '0',
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row)
);
INSERT INTO ordercast.history DEFAULT VALUES;
COMMENT ON TABLE ordercast.history IS 'Ordercast: identity and reach of the change log';

-- CACHE 1: a cached block would give the later change of a row, made by another session, the lower number.
CREATE SEQUENCE ordercast.change_seq AS bigint CACHE 1;

-- The day of the change modulo 8 chooses the leaf: a ring, so that no leaf has to be made in advance and
-- no insert can fail for want of one. Leaves are emptied whole (ordercast.prune), never row by row.
CREATE TABLE ordercast.change_log (
  seq     bigint      NOT NULL DEFAULT nextval('ordercast.change_seq'),
  tx      xid8        NOT NULL DEFAULT pg_current_xact_id(),
  stream  text        NOT NULL,
  op      "char"      NOT NULL,  -- i, u, d; t: truncated; r: reload; c: the catalog changed
  key     text,                  -- JSON object of the key columns; null for t, r and c
  old_row text,                  -- JSON object; for u and d
  new_row text,                  -- JSON object; for i and u
  at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  slot    smallint    NOT NULL DEFAULT floor(date_part('epoch', clock_timestamp()) / 86400)::bigint % 8
) PARTITION BY LIST (slot);
ALTER SEQUENCE ordercast.change_seq OWNED BY ordercast.change_log.seq;
COMMENT ON TABLE ordercast.change_log IS
  'Ordercast: changes of the watched tables; read it by transaction and snapshot, not by seq';

-- Readers find changes by transaction, pages of one large transaction by seq.
CREATE INDEX change_log_tx ON ordercast.change_log (tx);
CREATE INDEX change_log_seq ON ordercast.change_log (seq);

-- Vacuum has nothing to do in a leaf that is only appended to and then truncated: its insert-triggered
-- runs would read and rewrite each page once for nothing. (Analyze stays on; readers need statistics.)
DO $$
BEGIN
  FOR slot IN 0..7 LOOP
    EXECUTE format(
      'CREATE TABLE ordercast.change_log_%1$s PARTITION OF ordercast.change_log FOR VALUES IN (%1$s) '
      'WITH (autovacuum_vacuum_insert_threshold = -1, toast.autovacuum_vacuum_insert_threshold = -1)', slot);
  END LOOP;
END
$$;

-- Empties the leaves whose every change is older than `keep`. Safe at any time and from several servers
-- at once: a leaf that somebody uses is skipped and left for the next call. Returns how many were emptied.
--
-- The ring has 8 days; with 6 kept, a leaf is due for a day before its turn to be written comes again. One
-- that missed its turn is written on, and emptied a round later.
CREATE FUNCTION ordercast.prune(keep interval DEFAULT '6 days') RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- Readers queue behind a waiting TRUNCATE: not for long.
SET lock_timeout = '100ms'
AS $$
DECLARE
  leaf regclass;
  newest_at timestamptz;
  newest_tx xid8;
  emptied integer := 0;
BEGIN
  FOR leaf IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'ordercast.change_log'::regclass LOOP
    EXECUTE format('SELECT at FROM %s ORDER BY seq DESC LIMIT 1', leaf) INTO newest_at;
    CONTINUE WHEN newest_at IS NULL OR newest_at > clock_timestamp() - keep;
    BEGIN
      EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', leaf);
      -- Again, now that nobody can write.
      EXECUTE format('SELECT at FROM %s ORDER BY seq DESC LIMIT 1', leaf) INTO newest_at;
      EXECUTE format('SELECT tx FROM %s ORDER BY tx DESC LIMIT 1', leaf) INTO newest_tx;
      -- A position taken while an old transaction runs does not see that one. Were floor_tx above it, the
      -- position would be refused though nothing is missing: so the floor stays below all that run.
      IF newest_at <= clock_timestamp() - keep
         AND newest_tx < pg_snapshot_xmin(pg_current_snapshot()) THEN
        EXECUTE format('TRUNCATE %s', leaf);
        UPDATE ordercast.history SET floor_tx = newest_tx WHERE floor_tx < newest_tx;
        emptied := emptied + 1;
      END IF;
    EXCEPTION WHEN lock_not_available THEN
      NULL;
    END;
  END LOOP;
  RETURN emptied;
END
$$;
REVOKE ALL ON FUNCTION ordercast.prune FROM PUBLIC;

-- What a server does for the log every few minutes; it may not choose what is kept.
CREATE FUNCTION ordercast.keep_house() RETURNS integer
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS 'SELECT ordercast.prune()';
REVOKE ALL ON FUNCTION ordercast.keep_house FROM PUBLIC;
