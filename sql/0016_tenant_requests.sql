-- What servers ask for one tenant: rows, one row, a message. PostgreSQL compares the tenant itself, apart from the
-- client's filter.
--
-- Functions that are here again replace those of the files before.

-- The new signatures are others: who may call the old ones is to be allowed the new ones at the end.
DO $$
BEGIN
  PERFORM set_config('ordercast.granted', (
    SELECT coalesce(jsonb_agg(jsonb_build_object('function', p.proname, 'role', g.grantee::regrole)), '[]')::text
      FROM pg_proc p, aclexplode(p.proacl) g
     WHERE p.oid IN ('ordercast.open_rows(text, jsonb, jsonb, bigint)'::regprocedure,
                     'ordercast.publish(text, text, jsonb)'::regprocedure)
       AND g.grantee <> p.proowner), true);
END
$$;
DROP FUNCTION ordercast.open_rows(text, jsonb, jsonb, bigint);
DROP FUNCTION ordercast.present_row(text, text[]);
DROP FUNCTION ordercast.publish(text, text, jsonb);
DROP FUNCTION ordercast.post_message(text, text, text);

-- The SQL of "this row, read through alias t, is of the tenant that is the last of `given`". By the column's own
-- equality, which has its indexes, and by its text, which is what tokens name.
CREATE FUNCTION ordercast.tenant_sql(s ordercast.stream, tenant text, INOUT given text[], OUT condition text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF s.tenant IS NULL OR s.tenant <> ALL (s.sent_columns) THEN
    RAISE EXCEPTION 'stream "%" does not say whose rows it has', s.name USING ERRCODE = 'undefined_column';
  END IF;
  SELECT f.given, f.condition INTO given, condition
    FROM ordercast.filter_condition(
           s, jsonb_build_object('column', s.tenant, 'op', 'eq', 'value', tenant), given) f;
  given := given || tenant;
  condition := format('(%s) AND t.%I::text = %s COLLATE "C"', condition, s.tenant,
                      ordercast.filter_value(given, 'text'));
END
$$;

-- As in 0010_rows.sql, of one tenant where `tenant` is given: that text, and no other spelling of it. Each row with
-- whose it is: key, row, tenant; the row is null when it is too large to be sent.
CREATE FUNCTION ordercast.open_rows(
  stream text,
  filter jsonb DEFAULT NULL,    -- as Filter::canonical() of src/core/filter.h writes it; null: all rows
  order_by jsonb DEFAULT NULL,  -- see ordercast.order_sql; null: in no order
  max_rows bigint DEFAULT NULL,
  tenant text DEFAULT NULL      -- null: of all
) RETURNS refcursor
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  max_row_bytes CONSTANT int := 1048576;  -- as of a change: src/pg/log_queries.cc
  s ordercast.stream;
  source text;
  given text[] := '{}';
  condition text;
  of_tenant text;
  present refcursor;
BEGIN
  SELECT * INTO s FROM ordercast.stream t WHERE t.name = open_rows.stream;
  IF s.id IS NULL THEN
    RAISE EXCEPTION 'there is no stream "%"', stream USING ERRCODE = 'undefined_object';
  END IF;
  s := ordercast.described(s);
  source := s.relation::text;
  IF filter IS NOT NULL OR order_by IS NOT NULL OR max_rows IS NOT NULL OR tenant IS NOT NULL THEN
    SELECT f.given, f.condition INTO given, condition FROM ordercast.filter_sql(s, filter, given) f WHERE filter IS NOT NULL;
    IF tenant IS NOT NULL THEN
      SELECT f.given, f.condition INTO given, of_tenant
        FROM ordercast.tenant_sql(s, tenant, coalesce(given, '{}')) f;
    END IF;
    -- Nothing but a projection is above the ORDER BY, which keeps it.
    source := format('(SELECT * FROM %s t WHERE %s AND (%s)%s LIMIT $2)', source,
                     coalesce(of_tenant, 'true'), coalesce(condition, 'true'),
                     ' ORDER BY ' || ordercast.order_sql(s, order_by));
  END IF;
  PERFORM set_config('timezone', 'UTC', true), set_config('bytea_output', 'hex', true),
          set_config('intervalstyle', 'iso_8601', true), set_config('extra_float_digits', '1', true),
          set_config('datestyle', 'ISO, YMD', true), set_config('lc_monetary', 'C', true);
  -- OFFSET 0 keeps the two uses of a row from rendering it twice.
  OPEN present NO SCROLL FOR EXECUTE
    format('SELECT r.key, CASE WHEN octet_length(r."row") <= %s THEN r."row" END AS "row", r.tenant FROM (SELECT * FROM %s q OFFSET 0) r',
           max_row_bytes, ordercast.rendered(s, source)) USING given, max_rows;
  RETURN present;
END
$$;

-- As in 0012_order_desk.sql; of one tenant where `tenant` is given: another's row is not there.
CREATE FUNCTION ordercast.present_row(stream text, key text[], tenant text DEFAULT NULL,
                                      OUT "row" text, OUT tag text, OUT row_tenant text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET bytea_output = hex
SET intervalstyle = iso_8601
SET extra_float_digits = 1
SET datestyle = 'ISO, YMD'
SET lc_monetary = 'C'
AS $$
DECLARE
  s ordercast.stream;
BEGIN
  SELECT * INTO s FROM ordercast.stream t WHERE t.name = present_row.stream;
  IF s.id IS NULL THEN
    RAISE EXCEPTION 'there is no stream "%"', stream USING ERRCODE = 'undefined_object';
  END IF;
  s := ordercast.described(s);
  EXECUTE format('SELECT row_to_json(v.*)::text, %1$s FROM %2$s r CROSS JOIN LATERAL %3$s v'
                 ' WHERE %4$s AND ($2 IS NULL OR %1$s = $2 COLLATE "C")',
                 ordercast.tenant_text(s), s.relation, ordercast.json_record(s.relation, s.sent_columns),
                 ordercast.has_key(s.relation))
     INTO "row", row_tenant USING key, tenant;
  tag := left(encode(sha256(convert_to("row", 'UTF8')), 'hex'), 32);
EXCEPTION WHEN data_exception THEN
  NULL;  -- the key is no value of its type
END
$$;

-- As in 0011_publish.sql. `tenant`: whose message it is, a value of the stream's tenant column; null: everybody's who
-- may see the stream.
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
  ELSIF event IN ('hello', 'insert', 'update', 'delete', 'ready', 'reset', 'status', 'end', 'retry',
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

-- As in 0012_order_desk.sql.
CREATE FUNCTION ordercast.post_message(stream text, event text, data text, tenant text DEFAULT NULL,
                                       OUT seq bigint, OUT code text, OUT message text, OUT hint text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  seq := ordercast.publish(stream, event, data::jsonb, tenant);
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
  IF code = '42501' THEN
    hint := format('SELECT ordercast.grant_publisher(%L);', current_user);
  END IF;
END
$$;

-- As in 0007_reader.sql.
CREATE OR REPLACE FUNCTION ordercast.grant_reader(role regrole) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA ordercast TO %s', role);
  EXECUTE format('GRANT SELECT ON ordercast.history, ordercast.change_log, ordercast.catalog, '
                 'ordercast.schema_version, ordercast.revocations TO %s', role);
  EXECUTE format('GRANT EXECUTE ON FUNCTION ordercast.open_rows(text, jsonb, jsonb, bigint, text), '
                 'ordercast.prune(), ordercast.retention(), ordercast.recognise(), ordercast.wake_key(), '
                 'ordercast.arm(), ordercast.disarm() TO %s', role);
  -- The order desk (0012_order_desk.sql): to read a row; to write and publish with the rights that the role has itself.
  EXECUTE format('GRANT EXECUTE ON FUNCTION ordercast.present_row(text, text[], text), '
                 'ordercast.write_statements(text, text[]), ordercast.write_row(text, text[], text[], text), '
                 'ordercast.post_message(text, text, text, text) TO %s', role);
END
$$;

-- As in 0011_publish.sql.
CREATE OR REPLACE FUNCTION ordercast.grant_publisher(role regrole) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA ordercast TO %s', role);
  EXECUTE format('GRANT EXECUTE ON FUNCTION ordercast.publish(text, text, jsonb, text) TO %s', role);
END
$$;

DO $$
DECLARE
  granted record;
BEGIN
  FOR granted IN
    SELECT * FROM jsonb_to_recordset(current_setting('ordercast.granted')::jsonb) AS g(function text, role text)
  LOOP
    IF granted.function = 'open_rows' THEN
      PERFORM ordercast.grant_reader(granted.role::regrole);
    ELSE
      PERFORM ordercast.grant_publisher(granted.role::regrole);
    END IF;
  END LOOP;
END
$$;

REVOKE ALL ON FUNCTION ordercast.tenant_sql, ordercast.open_rows, ordercast.present_row, ordercast.publish,
  ordercast.post_message FROM PUBLIC;
