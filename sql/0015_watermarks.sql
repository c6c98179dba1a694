-- Where in the log to begin for who was away long, and where to end (docs/architecture.md, "Positions").

-- Transactions from `tx` on have no change that is numbered `seq` or lower; those below `ended` have none that is
-- numbered higher.
CREATE TABLE ordercast.watermarks (
  tx xid8 PRIMARY KEY,
  seq bigint NOT NULL,
  ended xid8 NOT NULL
);
COMMENT ON TABLE ordercast.watermarks IS
  'Ordercast: from where on the changes of younger transactions are in the log, and up to where those of older ones';

-- What each server calls every minute, in a transaction of its own. Its watermark is true because of the order: first
-- it looks at who has ended, then at what has been numbered, then it takes a transaction id. Whoever had ended numbers
-- nothing more; whoever has a higher id took it later, and numbered its changes later still (0001_change_log.sql).
CREATE FUNCTION ordercast.set_watermark() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  -- Who begins in between reads past them in some 30 ms.
  apart CONSTANT bigint := 100000;
  ended CONSTANT xid8 := pg_snapshot_xmin(pg_current_snapshot());
  -- As nextval() left it. Who selects from the sequence itself sees now and then up to 32 more than were given out:
  -- what nextval() writes to the log of a crash stands there for a moment.
  numbered CONSTANT bigint := coalesce((SELECT last_value FROM pg_sequences
                                         WHERE schemaname = 'ordercast' AND sequencename = 'change_seq'), 0);
BEGIN
  IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
    RAISE EXCEPTION 'this transaction has an id already'
      USING ERRCODE = 'active_sql_transaction', HINT = 'Call ordercast.set_watermark() before all else.';
  ELSIF numbered < apart + coalesce((SELECT max(seq) FROM ordercast.watermarks), 0) THEN
    RETURN;
  END IF;
  INSERT INTO ordercast.watermarks VALUES (pg_current_xact_id(), numbered, ended);
  -- No position that is served begins there.
  DELETE FROM ordercast.watermarks WHERE tx <= (SELECT floor_tx FROM ordercast.history);
END
$$;
REVOKE ALL ON FUNCTION ordercast.set_watermark FROM PUBLIC;
