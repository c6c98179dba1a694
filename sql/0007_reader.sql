-- What a server may do: read the log, the catalog, and the rows of watched tables.

-- The present rows of a stream, rendered as in the log, in no order, as a cursor: they come while the
-- table is read, and are never all in memory.
--   BEGIN READ ONLY;
--   SELECT pg_current_snapshot(), ordercast.open_rows('orders');  -- the cursor's name; it sees that very snapshot
--   FETCH 1000 FROM "<name>";  -- key, row
-- They are rendered while they are fetched: so the settings that shape them are the transaction's.
-- SECURITY DEFINER, so that a reader needs no right on the table.
CREATE FUNCTION ordercast.open_rows(stream text) RETURNS refcursor
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  s ordercast.stream;
  present refcursor;
BEGIN
  SELECT * INTO s FROM ordercast.stream t WHERE t.name = open_rows.stream;
  IF s.id IS NULL THEN
    RAISE EXCEPTION 'there is no stream "%"', stream USING ERRCODE = 'undefined_object';
  END IF;
  s := ordercast.described(s);
  PERFORM set_config('timezone', 'UTC', true), set_config('bytea_output', 'hex', true),
          set_config('intervalstyle', 'iso_8601', true), set_config('extra_float_digits', '1', true),
          set_config('datestyle', 'ISO, YMD', true), set_config('lc_monetary', 'C', true);
  OPEN present NO SCROLL FOR EXECUTE
    format('SELECT r.key, r."row" FROM %s r', ordercast.rendered(s, s.relation::text));
  RETURN present;
END
$$;

-- Lets a role read the streams: all of them, and nothing else.
CREATE FUNCTION ordercast.grant_reader(role regrole) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA ordercast TO %s', role);
  EXECUTE format('GRANT SELECT ON ordercast.history, ordercast.change_log, ordercast.catalog, '
                 'ordercast.schema_version TO %s', role);
  EXECUTE format('GRANT EXECUTE ON FUNCTION ordercast.open_rows(text), ordercast.prune(), '
                 'ordercast.retention(), ordercast.recognise(), ordercast.wake_key(), ordercast.arm(), '
                 'ordercast.disarm() TO %s', role);
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ordercast FROM PUBLIC;
