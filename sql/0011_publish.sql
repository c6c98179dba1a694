-- Messages of an application's own, in order with the changes of a stream.

-- Puts an event into a stream, in the caller's transaction: delivered when that commits, never when it rolls back.
-- Returns its number in the log. `tenant`: whose message it is, a value of the stream's tenant column; null:
-- everybody's who may see the stream.
--   SELECT ordercast.publish('orders', 'note', '{"text": "kitchen closes at 10"}');
--   SELECT ordercast.publish('orders', 'note', '{"text": "your printer is out of paper"}', tenant => '4');
CREATE FUNCTION ordercast.publish(stream text, event text, data jsonb, tenant text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  max_bytes CONSTANT int := 65536;  -- of the data: a message is news, not a file
  s ordercast.stream;
  type regtype;
BEGIN
  IF stream IS NULL OR event IS NULL OR data IS NULL THEN
    RAISE EXCEPTION 'stream, event and data must not be NULL'
      USING ERRCODE = 'null_value_not_allowed', HINT = 'For a message without data publish ''{}''.';
  ELSIF event !~ '^[a-z][a-z0-9_.-]{0,62}$' THEN
    RAISE EXCEPTION 'bad event name "%"', left(event, 100)
      USING ERRCODE = 'invalid_name',
            HINT = 'Up to 63 lower-case letters, digits and _ . -, a letter first.';
  ELSIF event IN ('hello', 'insert', 'update', 'delete', 'ready', 'reset', 'status', 'end', 'retry', 'heartbeat',
                  -- What EventSource itself tells its listeners: a message would be taken for a lost connection.
                  'open', 'error',
                  -- EventSource's name for events without one, and ours for what this function makes.
                  'message') THEN
    RAISE EXCEPTION 'the event name "%" is taken', event
      USING ERRCODE = 'reserved_name', HINT = 'Streams and EventSource use it themselves. Choose another.';
  ELSIF octet_length(data::text) > max_bytes THEN
    RAISE EXCEPTION 'the data has % bytes, % are allowed', octet_length(data::text), max_bytes
      USING ERRCODE = 'program_limit_exceeded',
            HINT = 'Put it into a table, and publish its key.';
  END IF;
  SELECT * INTO s FROM ordercast.stream t WHERE t.name = publish.stream;
  IF s.id IS NULL THEN
    RAISE EXCEPTION 'there is no stream "%"', left(stream, 100)
      USING ERRCODE = 'undefined_object',
            HINT = coalesce((SELECT 'The streams are: ' || string_agg(each.name, ', ' ORDER BY each.name) || '.'
                               FROM ordercast.stream each),
                            'Watch a table first: SELECT ordercast.watch(''public.orders'').');
  END IF;
  IF tenant IS NOT NULL THEN
    s := ordercast.described(s);
    IF s.tenant IS NULL OR s.tenant <> ALL (s.sent_columns) THEN
      RAISE EXCEPTION 'stream "%" does not say whose rows it has, so a message cannot be one tenant''s', stream
        USING ERRCODE = 'invalid_parameter_value',
              HINT = 'Watch its table with a tenant: ordercast.watch(..., tenant => ''column'').';
    END IF;
    -- As the column would print it: 007 is tenant 7.
    SELECT ordercast.base_type(atttypid) INTO type FROM pg_attribute WHERE attrelid = s.relation AND attname = s.tenant;
    EXECUTE format('SELECT $1::%s::text', type) INTO tenant USING tenant;
  END IF;
  -- Twice, as with rows: in the JSON, and in the log's own column.
  RETURN ordercast.announce(
    stream, 'm',
    CASE WHEN tenant IS NULL THEN format('{"event":"%s"}', event)
         ELSE format('{"event":"%s","tenant":%s}', event, to_json(tenant)) END,
    data::text, tenant);
END
$$;

-- Lets a role publish to all streams, and nothing else.
CREATE FUNCTION ordercast.grant_publisher(role regrole) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA ordercast TO %s', role);
  EXECUTE format('GRANT EXECUTE ON FUNCTION ordercast.publish(text, text, jsonb, text) TO %s', role);
END
$$;

REVOKE ALL ON FUNCTION ordercast.publish, ordercast.grant_publisher FROM PUBLIC;
