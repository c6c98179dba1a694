-- Writes the trigger function of a stream: one function for each watched table with its columns spelled out,
-- because a generic one costs three times as much per statement (docs/decisions/0001-change-log.md).

-- The tenant of the row that alias r stands for; null where the stream has no such column, or has lost it.
CREATE FUNCTION ordercast.tenant_text(s ordercast.stream) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN s.tenant = ANY (s.sent_columns) THEN format('r.%I::text', s.tenant) ELSE 'NULL::text' END
$$;

-- A subselect over `source` (the table or a transition table): key, the JSON row, whose it is, the columns of the key
-- as c1, c2, …
CREATE FUNCTION ordercast.rendered(s ordercast.stream, source text) RETURNS text
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

-- The plain statement: logs what the transition tables say. `event` is INSERT, UPDATE or DELETE.
--
-- Old and new rows meet in a FULL JOIN on the rendered key: PostgreSQL can only hash or merge it, so a plan cached
-- for one row is still linear for ten thousand; a changed key falls out as delete and insert; and keys are compared
-- as clients compare them.
CREATE FUNCTION ordercast.plain_statement(s ordercast.stream, event text) RETURNS text
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

-- The plain statement for an UPDATE of one row, which most are: logs it if it has kept its key and has changed. There is
-- no hash table to build, which for one row is a sixth of what the triggers cost. (OFFSET 0: else the rows would be
-- rendered once to compare them and again to log them.) It is for one old and one new row: a partitioned table can
-- have more old ones, where a trigger of the partition that a row moves to refuses it.
CREATE FUNCTION ordercast.one_row_statement(s ordercast.stream) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format(
$sql$        INSERT INTO ordercast.change_log (stream, op, key, old_row, new_row, old_tenant, new_tenant)
        SELECT %L, 'u', n.key, o."row", n."row", o.tenant, n.tenant
          FROM (SELECT * FROM %s r OFFSET 0) n
         CROSS JOIN (SELECT * FROM %s r OFFSET 0) o
         WHERE n.key = o.key COLLATE "C" AND o."row" IS DISTINCT FROM n."row"$sql$,
    s.name, ordercast.rendered(s, 'ordercast_new'), ordercast.rendered(s, 'ordercast_old'))
$$;

-- The rows of a transition table, one for each key: the first of those with an equal key, or the last.
CREATE FUNCTION ordercast.one_per_key(s ordercast.stream, source text, pick text) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('(SELECT DISTINCT ON (i.key COLLATE "C") i.*'
                ' FROM (SELECT j.*, row_number() OVER () AS n FROM %s j) i'
                ' ORDER BY i.key COLLATE "C", i.n %s)',
                ordercast.rendered(s, source), CASE pick WHEN 'last' THEN 'DESC' ELSE 'ASC' END)
$$;

-- The careful statement: for each key that the transition tables name, logs what the table holds now. It is right
-- in whatever order the triggers of overlapping statements fire (docs/decisions/0003-order.md).
--
-- A key can be named more than once, for cascades of several foreign keys share one transition table: from the first
-- old row to the last new one is what the client statement did to it.
CREATE FUNCTION ordercast.careful_statement(s ordercast.stream, event text) RETURNS text
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

-- Where even a lone statement needs care, because its transition tables do not tell the outcome: with a deferrable
-- key two rows may share it until the transaction ends; actions of foreign keys may update one row twice.
CREATE FUNCTION ordercast.always_careful(relation oid, event text) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = ordercast.key_index(relation) AND NOT indimmediate)
      OR event = 'UPDATE' AND EXISTS (
           SELECT FROM pg_constraint WHERE conrelid = relation AND contype = 'f'
              AND (confupdtype IN ('c', 'n', 'd') OR confdeltype IN ('n', 'd')))
$$;

-- The statement for the table as it is now, for a trigger function that finds its table altered.
CREATE FUNCTION ordercast.statement_now(stream_id int, event text, careful boolean) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  s ordercast.stream;
BEGIN
  SELECT * INTO s FROM ordercast.stream WHERE id = stream_id;
  s := ordercast.described(s);
  IF s.key_columns = '{}' THEN
    RAISE undefined_column USING MESSAGE = format('%s has lost its key', s.relation);
  ELSIF careful AND row_security_active(s.relation) THEN
    RAISE insufficient_privilege USING MESSAGE = format('row-level security hides rows of %s', s.relation);
  END IF;
  RETURN CASE WHEN careful THEN ordercast.careful_statement(s, event) ELSE ordercast.plain_statement(s, event) END;
END
$$;

-- The advisory lock that decides whether who writes wakes the servers (docs/decisions/0004-wake-up.md). A random
-- constant: nobody else's.
CREATE FUNCTION ordercast.wake_key() RETURNS bigint
LANGUAGE sql IMMUTABLE
AS $$ SELECT 2379836641134128463 $$;

-- One statement of a trigger function, plain or careful.
--
-- ALTER TABLE may have changed the table since this was written, and a write must not fail for that. So a query that
-- evaluates nothing tries the columns first; it costs two microseconds and no transaction id, which a subtransaction
-- around the INSERT would. It also tells whether there is one row. The careful statement also has to see all rows: where
-- row-level security came since, it would take those that it hides for deleted.
CREATE FUNCTION ordercast.guarded_statement(s ordercast.stream, event text, careful boolean) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format($attempt$
      BEGIN
        PERFORM FROM %1$s p LIMIT 2;
%2$s      EXCEPTION WHEN syntax_error_or_access_rule_violation THEN
        BEGIN
          EXECUTE ordercast.statement_now(%3$s, TG_OP, %4$s);
        EXCEPTION WHEN syntax_error_or_access_rule_violation THEN
          -- Not to be told row by row any more; so clients are told to start over.
          INSERT INTO ordercast.change_log (stream, op) VALUES (%5$L, 'r');
        END;
        EXIT log;
      END;
%6$s%7$s;
$attempt$,
    ordercast.rendered(s, CASE event WHEN 'DELETE' THEN 'ordercast_old' ELSE 'ordercast_new' END),
    CASE WHEN careful THEN format(
$present$        IF TG_NARGS = 0 AND (TG_TABLE_SCHEMA <> %L OR TG_TABLE_NAME <> %L) OR row_security_active(%L) THEN
          RAISE undefined_table;
        END IF;
        PERFORM FROM %s p LIMIT 0;
$present$, n.nspname, c.relname, s.relation::text, ordercast.rendered(s, s.relation::text)) ELSE '' END,
    s.id, careful::text, s.name,
    CASE WHEN event = 'UPDATE' AND NOT careful AND c.relkind = 'r' THEN format(
$one$      GET DIAGNOSTICS logged = ROW_COUNT;
      IF logged = 1 THEN
%s;
        EXIT log WHEN FOUND;
      END IF;
$one$, ordercast.one_row_statement(s)) ELSE '' END,
    CASE WHEN careful THEN ordercast.careful_statement(s, event) ELSE ordercast.plain_statement(s, event) END)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.oid = s.relation
$$;

-- The body of a stream's trigger function.
--
-- `careful`: an earlier statement of the same client statement has changed this table, so the two may overlap (a
-- trigger's statement ends before the one that fired it). The mark is local to the transaction and goes with a
-- savepoint.
--
-- Each expression is made ready anew in each transaction: so there are few on the way to the INSERT, and the most
-- frequent event comes first.
CREATE FUNCTION ordercast.capture_body(s ordercast.stream) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format($body$
DECLARE
  -- CASE, for nothing else says that the mark is read before it is set (PostgreSQL manual, 4.2.14).
  careful boolean := CASE
    WHEN current_setting('ordercast.s%1$s', true) = date_part('epoch', statement_timestamp())::text THEN true
    ELSE set_config('ordercast.s%1$s', date_part('epoch', statement_timestamp())::text, true) IS NULL END;
  logged bigint;
BEGIN
%2$s<<log>>
BEGIN
$body$, s.id,
    CASE c.relkind WHEN 'p' THEN format(
$partition$  -- A partition that was detached since is another table.
  IF TG_NARGS > 0 AND NOT EXISTS (
       SELECT FROM ordercast.stream s WHERE s.id = %s AND s.relation = pg_partition_root(TG_RELID)) THEN
    RETURN NULL;
  END IF;
$partition$, s.id) ELSE '' END)
  || (SELECT string_agg(
        format('  %s TG_OP = %L THEN', CASE position WHEN 1 THEN 'IF' ELSE 'ELSIF' END, event)
        || CASE WHEN ordercast.always_careful(s.relation, event) THEN ordercast.guarded_statement(s, event, true)
           ELSE format(E'\n    IF careful THEN%s    ELSE%s    END IF;\n',
                       ordercast.guarded_statement(s, event, true), ordercast.guarded_statement(s, event, false))
           END, '' ORDER BY position)
      FROM unnest(ARRAY['UPDATE', 'INSERT', 'DELETE']) WITH ORDINALITY AS e(event, position))
  || format($wake$  ELSE
    INSERT INTO ordercast.change_log (stream, op) VALUES (%L, 't');
  END IF;
END;

  GET DIAGNOSTICS logged = ROW_COUNT;
  -- Refused: a server sleeps and is to be woken; PostgreSQL folds equal notifications of a transaction into one.
  -- Granted: none sleeps, and none will before this transaction has ended.
  IF logged > 0 AND NOT pg_try_advisory_xact_lock_shared(%s) THEN
    NOTIFY ordercast;
  END IF;
  RETURN NULL;
END
$wake$, s.name, ordercast.wake_key())
    FROM pg_class c
   WHERE c.oid = s.relation
$$;

-- CREATE FUNCTION for the trigger function of a stream.
--
-- enable_seqscan: a plan made while the table is small would be kept when it has grown within one transaction.
-- jit: a plan made for a large statement would compile itself again for each small one that follows.
CREATE FUNCTION ordercast.capture_function(s ordercast.stream) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format(
$sql$CREATE OR REPLACE FUNCTION ordercast.capture_%s() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET jit = off
%s
AS %L$sql$,
    s.id,
    ordercast.output_settings(ARRAY(
      SELECT atttypid FROM pg_attribute WHERE attrelid = s.relation AND attname = ANY (s.sent_columns))),
    ordercast.capture_body(s))
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ordercast FROM PUBLIC;
