-- The change log: every committed change of every watched table, written by the triggers of
-- 0004_capture.sql, read by any number of servers, kept for some days (0009_retention.sql;
-- docs/decisions/0001-change-log.md).

REVOKE ALL ON SCHEMA ordercast FROM PUBLIC;

-- What a reader has to know about the log as a whole: one row.
CREATE TABLE ordercast.history (
  -- Positions of another epoch mean nothing here.
  epoch uuid NOT NULL DEFAULT gen_random_uuid(),
  -- The highest transaction whose changes may be gone. A position P is served when every transaction
  -- that P does not see is above it: pg_snapshot_xmin(P) > floor_tx.
  floor_tx xid8 NOT NULL DEFAULT '0',
  -- What is kept (ordercast.set_retention). No size limit unless one is chosen: how much of the disk the shop
  -- can spare is not to be seen from here.
  keep_age interval NOT NULL DEFAULT '6 days',
  keep_bytes bigint,
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row)
);
INSERT INTO ordercast.history DEFAULT VALUES;
COMMENT ON TABLE ordercast.history IS 'Ordercast: identity and reach of the change log';

-- CACHE 1: a cached block would give the later change of a row, made by another session, the lower number.
CREATE SEQUENCE ordercast.change_seq AS bigint CACHE 1;

-- Time chooses the leaf, in a ring of eight: so no leaf has to be made in advance, and no insert can fail for
-- want of one. Leaves are emptied whole (ordercast.prune), never row by row.
CREATE TABLE ordercast.change_log (
  -- Defaults are computed in the order of the columns: no number is taken without an id (0015_watermarks.sql).
  tx      xid8        NOT NULL DEFAULT pg_current_xact_id(),
  seq     bigint      NOT NULL DEFAULT nextval('ordercast.change_seq'),
  stream  text        NOT NULL,
  op      "char"      NOT NULL,  -- i, u, d; t: truncated; r: reload; c: the catalog changed; m: a message
  key     text,                  -- JSON object of the key columns; for m {"event":"name"}; null for t, r and c
  old_row text,                  -- JSON object; for u and d
  new_row text,                  -- JSON object; for i and u; for m the data, any JSON
  -- The tenant column's text, of the row as it was and as it is, taken from the row itself and not from its JSON, so
  -- that a server can hold the one against the other before it sends anything (docs/decisions/0007-tenants.md). For m
  -- whose message it is, null: everybody's.
  old_tenant text,
  new_tenant text,
  at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  slot    smallint    NOT NULL
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

-- The slot at `moment`, an expression, as an expression. A slot is a sixth of what is kept: when a leaf's last
-- change is as old as that, there is the time of one more slot until its turn to be written comes again.
CREATE FUNCTION ordercast.slot_at(moment text, keep_age interval) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('floor(date_part(''epoch'', %s) / %s)::bigint %% 8', moment, date_part('epoch', keep_age) / 6)
$$;
REVOKE ALL ON FUNCTION ordercast.slot_at FROM PUBLIC;

-- A constant in the table's default: to look the setting up would cost every insert. ONLY: nobody writes to
-- the leaves themselves.
DO $$
BEGIN
  EXECUTE 'ALTER TABLE ONLY ordercast.change_log ALTER slot SET DEFAULT '
       || (SELECT ordercast.slot_at('clock_timestamp()', keep_age) FROM ordercast.history);
END
$$;
