-- Is this still the history that the log tells of? Servers ask on every new connection.

-- The cluster whose transaction ids are in the log: a dump that is restored in another one brings the log along.
CREATE TABLE ordercast.home (
  system_identifier bigint NOT NULL,
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row)
);
INSERT INTO ordercast.home SELECT system_identifier FROM pg_control_system();
COMMENT ON TABLE ordercast.home IS 'Ordercast: the cluster whose transactions the change log holds';

-- PostgreSQL empties an unlogged table when it recovers from a crash: no row, and there was one.
CREATE UNLOGGED TABLE ordercast.since_crash (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row)
);
INSERT INTO ordercast.since_crash DEFAULT VALUES;
COMMENT ON TABLE ordercast.since_crash IS 'Ordercast: empty after a crash of PostgreSQL';

-- Begins a new epoch where positions that clients hold may mean something else now:
-- * in another cluster, whose ids of transactions are others; the log that came along goes;
-- * after a crash with synchronous_commit = off, which takes back what was committed, and was sent, and gives its
--   ids to others. Only the server's or the database's setting is seen: who turns it off for a session of a watched
--   table takes the risk.
CREATE FUNCTION ordercast.recognise() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '1s'
AS $$
DECLARE
  here bigint := (SELECT system_identifier FROM pg_control_system());
BEGIN
  IF EXISTS (SELECT FROM ordercast.home WHERE system_identifier = here)
     AND EXISTS (SELECT FROM ordercast.since_crash) THEN
    RETURN;
  END IF;

  LOCK TABLE ordercast.home IN EXCLUSIVE MODE;  -- one server does it
  IF NOT EXISTS (SELECT FROM ordercast.home WHERE system_identifier = here) THEN
    TRUNCATE ordercast.change_log;
    DELETE FROM ordercast.watermarks;
    UPDATE ordercast.history SET epoch = gen_random_uuid(), floor_tx = '0';
    UPDATE ordercast.home SET system_identifier = here;
  END IF;
  IF NOT EXISTS (SELECT FROM ordercast.since_crash) THEN
    IF current_setting('synchronous_commit') = 'off' THEN
      UPDATE ordercast.history SET epoch = gen_random_uuid();
    END IF;
    INSERT INTO ordercast.since_crash DEFAULT VALUES;
  END IF;
END
$$;
REVOKE ALL ON FUNCTION ordercast.recognise FROM PUBLIC;
