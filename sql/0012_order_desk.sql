-- The order desk: one row of a watched table read, inserted or changed, as JSON. Reading takes the rights of a
-- reader; writing is done with the rights of who asks, on the table itself.

-- "r.a = ($1[1])::type AND …": the row of `relation`, as r, whose key has these texts. By the types' own names, without
-- a length: a cast to varchar(3) would cut "abcd" short, and find "abc".
CREATE FUNCTION ordercast.has_key(relation oid) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT string_agg(format('r.%I %s ($1[%s])::%s', k.name, k.equality, k.position,
                           format('%I.%I', n.nspname, t.typname)), ' AND ' ORDER BY k.position)
    FROM ordercast.key_columns(relation) k
    JOIN pg_attribute a ON a.attrelid = relation AND a.attname = k.name
    JOIN pg_type t ON t.oid = ordercast.base_type(a.atttypid)
    JOIN pg_namespace n ON n.oid = t.typnamespace
$$;

-- The row of a stream with this key, given as texts in the order of its columns: as clients are sent it, and its
-- tag, which is another one after each change of what is sent. Null when there is none, or can be none;
-- of one tenant where `tenant` is given: another's row is not there.
-- The tag is made with a secret, the history's uuid: who is shown only some of the columns could else find out the
-- others by trying which values give it.
-- SECURITY DEFINER, so that a reader needs no right on the table.
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
  tag := (SELECT left(encode(sha256(convert_to(h.epoch::text || "row", 'UTF8')), 'hex'), 32) FROM ordercast.history h);
EXCEPTION WHEN data_exception THEN
  NULL;  -- the key is no value of its type
END
$$;

-- The statements that write these columns of a stream's row, for who may execute them. $1 is the key as texts, $2
-- the columns as a JSON object; they return the key.
CREATE FUNCTION ordercast.write_statements(stream text, columns text[],
                                           OUT lock_row text, OUT insert_row text, OUT update_row text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  s ordercast.stream;
  unknown text[];
  names text;
  typed text;
  key text;
BEGIN
  SELECT * INTO s FROM ordercast.stream t WHERE t.name = write_statements.stream;
  IF s.id IS NULL THEN
    RAISE EXCEPTION 'there is no stream "%"', stream USING ERRCODE = 'undefined_object';
  END IF;
  s := ordercast.described(s);
  unknown := ARRAY(SELECT c FROM unnest(columns) AS c WHERE c <> ALL (s.sent_columns) ORDER BY c);
  IF unknown <> '{}' THEN
    RAISE EXCEPTION 'the stream has no column %', array_to_string(unknown, ', ')
      USING ERRCODE = 'undefined_column', HINT = format('It has: %s.', array_to_string(s.sent_columns, ', '));
  END IF;
  SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum),
         string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum)
    INTO names, typed
    FROM pg_attribute a WHERE a.attrelid = s.relation AND a.attnum > 0 AND a.attname = ANY (columns);
  SELECT format('ARRAY[%s]', string_agg(format('r.%I::pg_catalog.text', k.name), ', ' ORDER BY k.position))
    INTO key FROM ordercast.key_columns(s.relation) k;

  lock_row := format('SELECT true FROM %s r WHERE %s FOR UPDATE', s.relation, ordercast.has_key(s.relation));
  insert_row := format(CASE WHEN names IS NULL THEN 'INSERT INTO %1$s AS r DEFAULT VALUES RETURNING %4$s'
                       ELSE 'INSERT INTO %1$s AS r (%2$s) SELECT * FROM pg_catalog.json_to_record($2) AS j(%3$s)'
                            ' RETURNING %4$s' END,
                       s.relation, names, typed, key);
  update_row := format('UPDATE %1$s AS r SET (%2$s) = (SELECT * FROM pg_catalog.json_to_record($2) AS j(%3$s))'
                       ' WHERE %5$s RETURNING %4$s',
                       s.relation, names, typed, key, ordercast.has_key(s.relation));
END
$$;

-- Writes the columns that a JSON object names into a row of a stream: a new one without `key`, else the one that has
-- it, whose tag must be one of `tags` where these are given. What comes of it is a value, not an error, so that who
-- asks is told each part of it:
--   written     the row as it is now, its key and its tag
--   missing     there is no row with this key
--   changed     its tag is another one: the row and its tag
--   refused     by the database: its code, message, hint and constraint. Nothing was written.
-- With the rights of the caller, and without a search_path of its own: the shop's triggers run in here.
CREATE FUNCTION ordercast.write_row(stream text, INOUT key text[], tags text[], change text,
                                    OUT outcome text, OUT "row" text, OUT tag text,
                                    OUT code text, OUT message text, OUT hint text, OUT constraint_name text)
LANGUAGE plpgsql
AS $$
DECLARE
  columns json;
  statements record;
  found_row boolean := false;
BEGIN
  columns := change;
  statements := ordercast.write_statements(stream, ARRAY(SELECT DISTINCT pg_catalog.json_object_keys(columns)));
  IF key IS NULL THEN
    EXECUTE statements.insert_row INTO key USING key, columns;
  ELSE
    BEGIN
      EXECUTE statements.lock_row INTO found_row USING key;
    EXCEPTION WHEN data_exception THEN
      NULL;  -- the key is no value of its type
    END;
    IF found_row IS NOT TRUE THEN
      outcome := 'missing';
      RETURN;
    END IF;
    SELECT p."row", p.tag INTO "row", tag FROM ordercast.present_row(stream, key) p;
    IF tag OPERATOR(pg_catalog.<>) ALL (tags) THEN
      outcome := 'changed';
      RETURN;
    END IF;
    EXECUTE statements.update_row INTO key USING key, columns;
  END IF;
  -- Deferred constraints and triggers have their say now, not at the commit, where nobody could be told.
  SET CONSTRAINTS ALL IMMEDIATE;
  SELECT p."row", p.tag INTO "row", tag FROM ordercast.present_row(stream, key) p;
  IF "row" IS NULL THEN
    RAISE EXCEPTION 'a trigger of the table has dropped this write' USING ERRCODE = 'triggered_action_exception';
  END IF;
  outcome := 'written';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT,
                          constraint_name = CONSTRAINT_NAME;
  -- What is generated cannot be written: PostgreSQL 13 says so with the code of a syntax error.
  IF code = '42601' AND pg_catalog.current_setting('server_version_num')::int < 140000 THEN
    code := '428C9';
  END IF;
  outcome := 'refused';
  "row" := NULL;
  tag := NULL;
  IF code = '42501' AND hint = '' THEN
    SELECT pg_catalog.format('The server writes as role %1$I, which needs: GRANT SELECT, INSERT, UPDATE ON %2$s TO '
                             '%1$I; and USAGE on schemas and sequences. Row-level security applies to it.',
                             current_user, c.table_name)
      INTO hint FROM ordercast.catalog c WHERE c.name OPERATOR(pg_catalog.=) stream;
  END IF;
END
$$;

-- ordercast.publish() for the desk: what it refuses is a value here, as in write_row.
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

REVOKE ALL ON FUNCTION ordercast.has_key, ordercast.present_row, ordercast.write_statements, ordercast.write_row,
  ordercast.post_message FROM PUBLIC;
