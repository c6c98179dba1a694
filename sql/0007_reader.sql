-- What a server may do: read the log, the catalog, and the rows of watched tables (0010_rows.sql).

-- Lets a role read the streams: all of them, and nothing else.
CREATE FUNCTION ordercast.grant_reader(role regrole) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA ordercast TO %s', role);
  EXECUTE format('GRANT SELECT ON ordercast.history, ordercast.change_log, ordercast.catalog, '
                 'ordercast.schema_version, ordercast.revocations, ordercast.revocation_changes, '
                 'ordercast.watermarks TO %s', role);
  EXECUTE format('GRANT EXECUTE ON FUNCTION ordercast.open_rows(text, jsonb, jsonb, bigint, text), '
                 'ordercast.prune(), ordercast.retention(), ordercast.recognise(), ordercast.wake_key(), '
                 'ordercast.arm(), ordercast.disarm(), ordercast.set_watermark() TO %s', role);
  -- The order desk (0012_order_desk.sql): to read a row; to write and publish with the rights that the role has itself.
  EXECUTE format('GRANT EXECUTE ON FUNCTION ordercast.present_row(text, text[], text), '
                 'ordercast.write_statements(text, text[]), ordercast.write_row(text, text[], text[], text), '
                 'ordercast.post_message(text, text, text, text) TO %s', role);
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ordercast FROM PUBLIC;
