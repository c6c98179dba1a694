-- Whose row it is. The log says it in columns of its own, taken from the row itself and not from its JSON, so that a
-- server can hold the one against the other before it sends anything (docs/decisions/0007-tenants.md).
--
-- Functions that are here again replace those of the files before.

-- Every writer holds a lock on the log until it commits, and all later ones would queue behind us while we wait for
-- the longest of them: so we ask again and again instead of waiting.
DO $$
BEGIN
  FOR attempt IN 1..200 LOOP
    BEGIN
      SET LOCAL lock_timeout = '100ms';
      LOCK TABLE ordercast.change_log IN ACCESS EXCLUSIVE MODE;
      EXIT;
    EXCEPTION WHEN lock_not_available THEN
      IF attempt = 200 THEN
        RAISE EXCEPTION 'a transaction that has changed a watched table has been open for a minute'
          USING ERRCODE = 'lock_not_available', HINT = 'Try again when it has ended.';
      END IF;
      PERFORM pg_sleep(0.2);
    END;
  END LOOP;
END
$$;

-- The tenant column's text, of the row as it was and as it is; for m whose message it is, null: everybody's. Null for
-- what was logged before there were these columns.
ALTER TABLE ordercast.change_log ADD old_tenant text, ADD new_tenant text;

-- The changes of transactions before this one were logged when the stream had another tenant column, or none: they do
-- not say whose they are.
ALTER TABLE ordercast.stream ADD tenant_since xid8 NOT NULL DEFAULT '0';

CREATE OR REPLACE VIEW ordercast.catalog AS
  SELECT name, table_name, key_columns::text[] AS key_columns, sent_columns::text[] AS column_names,
         sent_types AS column_types, sent_bases AS column_bases, sent_labels AS column_labels, tenant::text AS tenant,
         tenant_since
    FROM ordercast.stream;

-- The tenant of the row that alias r stands for; null where the stream has no such column, or has lost it.
CREATE FUNCTION ordercast.tenant_text(s ordercast.stream) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN s.tenant = ANY (s.sent_columns) THEN format('r.%I::text', s.tenant) ELSE 'NULL::text' END
$$;

-- A subselect over `source` (the table or a transition table): key, the JSON row, whose it is, the columns of the key
-- as c1, c2, …
CREATE OR REPLACE FUNCTION ordercast.rendered(s ordercast.stream, source text) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('(SELECT row_to_json(k.*)::text AS key, row_to_json(v.*)::text AS "row", %s AS tenant, %s'
                ' FROM %s r CROSS JOIN LATERAL %s k CROSS JOIN LATERAL %s v)',
                ordercast.tenant_text(s),
                (SELECT string_agg(format('r.%I AS c%s', name, position), ', ' ORDER BY position)
                   FROM unnest(s.key_columns) WITH ORDINALITY AS c(name, position)),
                source,
                ordercast.json_record(s.relation, s.key_columns),
                ordercast.json_record(s.relation, s.sent_columns))
$$;

-- As in 0004_capture.sql, with the tenants.
CREATE OR REPLACE FUNCTION ordercast.plain_statement(s ordercast.stream, event text) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE event
    WHEN 'INSERT' THEN format(
$sql$      INSERT INTO ordercast.change_log (stream, op, key, new_row, new_tenant)
      SELECT %L, 'i', n.key, n."row", n.tenant
        FROM %s n$sql$,
      s.name, ordercast.rendered(s, 'ordercast_new'))
    WHEN 'DELETE' THEN format(
$sql$      INSERT INTO ordercast.change_log (stream, op, key, old_row, old_tenant)
      SELECT %L, 'd', o.key, o."row", o.tenant
        FROM %s o$sql$,
      s.name, ordercast.rendered(s, 'ordercast_old'))
    WHEN 'UPDATE' THEN format(
$sql$      INSERT INTO ordercast.change_log (stream, op, key, old_row, new_row, old_tenant, new_tenant)
      SELECT %L, CASE WHEN o.key IS NULL THEN 'i' WHEN n.key IS NULL THEN 'd' ELSE 'u' END,
             coalesce(n.key, o.key), o."row", n."row", o.tenant, n.tenant
        FROM %s n
        FULL JOIN %s o
          ON n.key = o.key COLLATE "C"
       WHERE o."row" IS DISTINCT FROM n."row"$sql$,
      s.name, ordercast.rendered(s, 'ordercast_new'), ordercast.rendered(s, 'ordercast_old'))
  END
$$;

-- As in 0004_capture.sql, with the tenants.
CREATE OR REPLACE FUNCTION ordercast.careful_statement(s ordercast.stream, event text) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH key AS (
    SELECT string_agg(format('coalesce(n.c%1$s, o.c%1$s) AS c%1$s', position), ', ' ORDER BY position) AS merged,
           string_agg(format('p.c%1$s %2$s t.c%1$s', position, equality), ' AND ' ORDER BY position) AS lookup
      FROM ordercast.key_columns(s.relation)
  ), side AS (
    SELECT ordercast.one_per_key(s, 'ordercast_new', 'last') AS new_rows,
           ordercast.one_per_key(s, 'ordercast_old', 'first') AS old_rows
  ), touched AS (
    SELECT CASE event
      WHEN 'INSERT' THEN format('(SELECT n.*, NULL::text AS old_row, NULL::text AS old_tenant, n."row" AS new_row'
                                ' FROM %s n)', side.new_rows)
      WHEN 'DELETE' THEN format('(SELECT o.*, o."row" AS old_row, o.tenant AS old_tenant, NULL::text AS new_row'
                                ' FROM %s o)', side.old_rows)
      WHEN 'UPDATE' THEN format('(SELECT coalesce(n.key, o.key) AS key, %s,'
                                ' o."row" AS old_row, o.tenant AS old_tenant, n."row" AS new_row'
                                ' FROM %s n FULL JOIN %s o ON n.key = o.key COLLATE "C")',
                                key.merged, side.new_rows, side.old_rows)
      END AS keys
      FROM side, key
  )
  SELECT format(
$sql$      INSERT INTO ordercast.change_log (stream, op, key, old_row, new_row, old_tenant, new_tenant)
      SELECT %L, CASE WHEN present."row" IS NULL THEN 'd' WHEN t.old_row IS NULL THEN 'i' ELSE 'u' END,
             t.key, t.old_row, present."row", t.old_tenant, present.tenant
        FROM %s t
        LEFT JOIN LATERAL (SELECT p."row", p.tenant FROM %s p WHERE %s AND p.key = t.key COLLATE "C" LIMIT 1) present
               ON true
       WHERE (t.old_row IS NOT NULL OR present."row" IS NOT NULL)
         AND t.old_row IS DISTINCT FROM t.new_row$sql$,
    s.name, touched.keys, ordercast.rendered(s, s.relation::text), key.lookup)
  FROM key, touched
$$;

-- Refuses, with a hint, a column that cannot say whose row it is: equal values of some types have several texts (1.0
-- and 1.00), and then neither a token's claim nor an index could name the one.
CREATE FUNCTION ordercast.check_tenant(relation regclass, tenant text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a pg_attribute;
  type regtype;
BEGIN
  SELECT * INTO a FROM pg_attribute WHERE attrelid = relation AND attname = check_tenant.tenant;
  type := ordercast.base_type(a.atttypid);
  IF type NOT IN ('bool'::regtype, 'int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'text'::regtype,
                  'varchar'::regtype, 'name'::regtype, 'uuid'::regtype)
     AND NOT EXISTS (SELECT FROM pg_enum WHERE enumtypid = type) THEN
    RAISE EXCEPTION 'column "%" of % cannot say whose row it is: its type is %', tenant, relation, type
      USING ERRCODE = 'datatype_mismatch',
            HINT = 'A tenant is an integer, a text, a uuid, an enum or a boolean.';
  END IF;
END
$$;

-- As in 0005_watch.sql, and whose message it is.
DROP FUNCTION ordercast.announce(text, "char", text, text);
CREATE FUNCTION ordercast.announce(stream text, op "char", key text DEFAULT NULL, new_row text DEFAULT NULL,
                                   tenant text DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  logged bigint;
BEGIN
  INSERT INTO ordercast.change_log (stream, op, key, new_row, new_tenant) VALUES (stream, op, key, new_row, tenant)
  RETURNING seq INTO logged;
  IF NOT pg_try_advisory_xact_lock_shared(ordercast.wake_key()) THEN
    NOTIFY ordercast;
  END IF;
  RETURN logged;
END
$$;

-- As in 0005_watch.sql, and from when on the log says whose rows they are.
CREATE OR REPLACE FUNCTION ordercast.install(s ordercast.stream) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  old ordercast.stream;
BEGIN
  SELECT * INTO old FROM ordercast.stream t WHERE t.id = s.id;
  s := ordercast.described(s);
  IF s.key_columns = '{}' THEN
    -- The key was dropped: the trigger function as it is says "start over" on each write, until there is one again.
    RAISE WARNING 'Ordercast: % has lost its primary key: clients of stream "%" start over on each change',
        s.relation, s.name
      USING HINT = format('Add a primary key, or SELECT ordercast.unwatch(%L).', s.name);
    RETURN;
  END IF;
  s.tenant_since := coalesce(s.tenant_since, '0');
  IF s.tenant IS NOT NULL AND s.tenant IS DISTINCT FROM old.tenant THEN
    -- Who has written by the trigger function as it is has ended then, and is below.
    EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', s.relation);
    s.tenant_since := pg_snapshot_xmax(pg_current_snapshot());
  END IF;
  IF old.id IS NULL THEN
    INSERT INTO ordercast.stream (name, relation, tenant, tenant_since, columns, table_name, members,
                                  key_columns, sent_columns, sent_types, sent_bases, sent_labels)
    VALUES (s.name, s.relation, s.tenant, s.tenant_since, s.columns, s.table_name, s.members,
            s.key_columns, s.sent_columns, s.sent_types, s.sent_bases, s.sent_labels)
    RETURNING id INTO s.id;
  ELSIF old IS DISTINCT FROM s THEN
    UPDATE ordercast.stream t
       SET (tenant, tenant_since, columns, table_name, members, key_columns, sent_columns, sent_types, sent_bases,
            sent_labels)
         = (s.tenant, s.tenant_since, s.columns, s.table_name, s.members, s.key_columns, s.sent_columns, s.sent_types,
            s.sent_bases, s.sent_labels)
     WHERE t.id = s.id;
  END IF;
  PERFORM set_config('ordercast.installing', 'on', true);
  PERFORM ordercast.install_function(s);
  PERFORM ordercast.install_triggers(s);
  PERFORM set_config('ordercast.installing', 'off', true);
  IF old IS DISTINCT FROM s THEN
    PERFORM ordercast.announce(s.name, 'c');
  END IF;
  IF (old.key_columns, old.sent_columns, old.sent_types) <> (s.key_columns, s.sent_columns, s.sent_types)
     OR ordercast.members_brought_rows(coalesce(old.members, s.members), s.members) THEN
    PERFORM ordercast.announce(s.name, 'r');
  END IF;
END
$$;

-- As in 0005_watch.sql, and checks the tenant.
CREATE OR REPLACE FUNCTION ordercast.watch(
  relation regclass,
  stream text DEFAULT NULL,    -- the public name; null: the table's
  tenant text DEFAULT NULL,    -- the column that says whose row it is
  columns text[] DEFAULT NULL  -- what is sent; null: all. Key and tenant always are.
) RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
-- CREATE TRIGGER waits for those who write the table now, and all later writers wait behind it: not longer than this.
SET lock_timeout = '200ms'
AS $$
DECLARE
  s ordercast.stream;
  missing text;
BEGIN
  IF relation IS NULL THEN
    RAISE EXCEPTION 'no table given' USING ERRCODE = 'null_value_not_allowed';
  END IF;
  PERFORM ordercast.check_watchable(relation);
  stream := coalesce(stream, (SELECT relname FROM pg_class WHERE oid = relation));
  IF stream !~ '^[a-z_][a-z0-9_]{0,62}$' THEN
    RAISE EXCEPTION 'bad stream name "%"', stream
      USING ERRCODE = 'invalid_name',
            HINT = 'Up to 63 lower-case letters, digits and _, no digit first: '
                   'ordercast.watch(..., stream => ''name'').';
  END IF;
  SELECT c INTO missing FROM unnest(columns || tenant) AS c
   WHERE NOT EXISTS (SELECT FROM pg_attribute
                      WHERE attrelid = relation AND attname = c AND attnum > 0 AND NOT attisdropped) LIMIT 1;
  IF missing IS NOT NULL THEN
    RAISE EXCEPTION '% has no column "%"', relation, missing
      USING ERRCODE = 'undefined_column',
            HINT = (SELECT format('It has: %s.', string_agg(quote_ident(attname), ', ' ORDER BY attnum))
                      FROM pg_attribute WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped);
  END IF;
  IF tenant IS NOT NULL THEN
    PERFORM ordercast.check_tenant(relation, tenant);
  END IF;

  -- One at a time. Readers of the catalog go on.
  LOCK TABLE ordercast.stream IN SHARE ROW EXCLUSIVE MODE;
  SELECT * INTO s FROM ordercast.stream t WHERE t.name = watch.stream;
  IF s.relation <> relation THEN
    RAISE EXCEPTION 'stream "%" is another table''s: %', stream, s.relation
      USING ERRCODE = 'duplicate_object', HINT = 'Choose another name: ordercast.watch(..., stream => ''name'').';
  END IF;
  SELECT * INTO s FROM ordercast.stream t WHERE t.relation = watch.relation;
  IF s.name <> stream THEN
    RAISE EXCEPTION '% is watched already, as stream "%"', relation, s.name
      USING ERRCODE = 'duplicate_object', HINT = format('SELECT ordercast.unwatch(%L) first.', s.name);
  END IF;

  s.name := stream;
  s.relation := relation;
  s.tenant := tenant;
  s.columns := columns;
  PERFORM ordercast.install(s);
  RETURN stream;
END
$$;

-- The tables that are watched already.
DO $$
DECLARE
  s ordercast.stream;
BEGIN
  FOR s IN SELECT * FROM ordercast.stream LOOP
    PERFORM ordercast.install_function(s);
  END LOOP;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ordercast FROM PUBLIC;
