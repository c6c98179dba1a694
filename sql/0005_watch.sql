-- ordercast.watch and ordercast.unwatch.

-- Refuses, with a hint, a table that cannot be watched.
CREATE FUNCTION ordercast.check_watchable(relation regclass) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  c pg_class;
  log_owner regrole := (SELECT nspowner FROM pg_namespace WHERE nspname = 'ordercast');
BEGIN
  SELECT * INTO c FROM pg_class WHERE oid = relation;
  IF c.relkind NOT IN ('r', 'p') THEN
    RAISE EXCEPTION '% is not a table', relation
      USING ERRCODE = 'wrong_object_type', HINT = 'Watch the tables that it shows.';
  ELSIF c.relpersistence <> 'p' THEN
    RAISE EXCEPTION '% is a temporary or unlogged table', relation
      USING ERRCODE = 'wrong_object_type',
            HINT = 'The end of a session or a crash empties it without firing a trigger. '
                   'For an unlogged table: ALTER TABLE ... SET LOGGED.';
  ELSIF c.relnamespace::regnamespace::text IN ('pg_catalog', 'information_schema', 'ordercast') THEN
    RAISE EXCEPTION '% is not a table of yours', relation
      USING ERRCODE = 'wrong_object_type', HINT = 'Watch a table of the shop.';
  ELSIF c.relispartition THEN
    RAISE EXCEPTION '% is a partition', relation
      USING ERRCODE = 'wrong_object_type',
            HINT = format('Watch the partitioned table: %s.', pg_partition_root(relation));
  ELSIF EXISTS (SELECT FROM pg_inherits WHERE inhrelid = relation OR c.relkind = 'r' AND inhparent = relation) THEN
    RAISE EXCEPTION '% takes part in table inheritance', relation
      USING ERRCODE = 'feature_not_supported',
            HINT = 'A key does not tell the rows of parent and child apart. Use declarative partitioning.';
  ELSIF NOT pg_has_role(c.relowner, 'USAGE') THEN
    RAISE EXCEPTION 'must be owner of table %', relation
      USING ERRCODE = 'insufficient_privilege', HINT = 'Only its owner may drop the triggers of a table again.';
  ELSIF NOT pg_has_role(log_owner, 'USAGE') THEN
    RAISE EXCEPTION 'must be owner of schema ordercast'
      USING ERRCODE = 'insufficient_privilege', HINT = format('Use a member of role %s.', log_owner);
  ELSIF NOT has_table_privilege(log_owner, relation, 'SELECT')
     OR NOT has_schema_privilege(log_owner, c.relnamespace, 'USAGE') THEN
    RAISE EXCEPTION 'the owner of schema ordercast, %, may not read %', log_owner, relation
      USING ERRCODE = 'insufficient_privilege',
            HINT = format('GRANT USAGE ON SCHEMA %s TO %s; GRANT SELECT ON %s TO %2$s;',
                          c.relnamespace::regnamespace, log_owner, relation);
  ELSIF c.relrowsecurity
    AND NOT (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE oid = log_owner)
    AND (c.relforcerowsecurity OR NOT pg_has_role(log_owner, c.relowner, 'USAGE')) THEN
    RAISE EXCEPTION 'row-level security would hide rows of % from %', relation, log_owner
      USING ERRCODE = 'insufficient_privilege',
            HINT = format('ALTER ROLE %s BYPASSRLS, or let it own the table.', log_owner);
  ELSIF ordercast.key_index(relation) IS NULL THEN
    RAISE EXCEPTION '% has no primary key', relation
      USING ERRCODE = 'invalid_table_definition',
            HINT = 'Clients tell rows apart by key. Add a primary key, or name a unique index: '
                   'ALTER TABLE ... REPLICA IDENTITY USING INDEX ...';
  END IF;
END
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

-- Tells the servers in log order what is no change of one row: 'c', the catalog has changed; 'r', what was sent of
-- this stream is no longer so; 'm', a message (0011_publish.sql). Its number.
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

-- Writes the trigger function of a stream.
CREATE FUNCTION ordercast.install_function(s ordercast.stream) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  log_owner regrole := (SELECT nspowner FROM pg_namespace WHERE nspname = 'ordercast');
BEGIN
  EXECUTE ordercast.capture_function(s);
  -- It writes the log for those who may not, with the rights of the log's owner, whoever called watch.
  IF log_owner <> current_user::regrole THEN
    EXECUTE format('ALTER FUNCTION ordercast.capture_%s() OWNER TO %s', s.id, log_owner);
  END IF;
  EXECUTE format('REVOKE ALL ON FUNCTION ordercast.capture_%s() FROM PUBLIC', s.id);
END
$$;

-- Puts the triggers of a stream on its table and partitions, as far as they are not there: a busy table is locked
-- only for what is missing. Takes them from a partition that was detached.
CREATE FUNCTION ordercast.install_triggers(s ordercast.stream) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  wanted record;
  found_enabled "char";
  stray record;
BEGIN
  FOR wanted IN
    SELECT member, 'ordercast_' || event AS name, event, referencing,
           CASE WHEN member = s.relation THEN '' ELSE '''partition''' END AS argument
      FROM unnest(s.members) AS member,
           (VALUES ('insert', 'REFERENCING NEW TABLE AS ordercast_new'),
                   ('update', 'REFERENCING OLD TABLE AS ordercast_old NEW TABLE AS ordercast_new'),
                   ('delete', 'REFERENCING OLD TABLE AS ordercast_old'),
                   ('truncate', '')) AS e(event, referencing)
  LOOP
    SELECT tgenabled INTO found_enabled FROM pg_trigger WHERE tgrelid = wanted.member AND tgname = wanted.name;
    IF found_enabled IS NULL THEN
      EXECUTE format('CREATE TRIGGER %I AFTER %s ON %s %s FOR EACH STATEMENT EXECUTE FUNCTION ordercast.capture_%s(%s)',
                     wanted.name, wanted.event, wanted.member, wanted.referencing, s.id, wanted.argument);
    END IF;
    IF found_enabled IS DISTINCT FROM 'A' THEN
      -- Rows written with session_replication_role = replica are in the table, too, and clients must see them.
      EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', wanted.member, wanted.name);
    END IF;
  END LOOP;

  FOR stray IN
    SELECT tgname, tgrelid::regclass AS relation FROM pg_trigger
     WHERE tgfoid = to_regproc(format('ordercast.capture_%s', s.id)) AND tgrelid <> ALL (s.members)
  LOOP
    EXECUTE format('DROP TRIGGER %I ON %s', stray.tgname, stray.relation);
  END LOOP;
END
$$;

-- Whether rows came or went with partitions, without a trigger.
CREATE FUNCTION ordercast.members_brought_rows(old regclass[], new regclass[]) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  member regclass;
  has_rows boolean;
BEGIN
  IF NOT new @> old THEN
    RETURN true;
  END IF;
  FOREACH member IN ARRAY new LOOP
    CONTINUE WHEN member = ANY (old);
    EXECUTE format('SELECT EXISTS (SELECT FROM %s)', member) INTO has_rows;
    IF has_rows THEN
      RETURN true;
    END IF;
  END LOOP;
  RETURN false;
END
$$;

-- Makes the catalog, the trigger function and the triggers of a stream what its table asks for. A stream without an
-- id is new. Our own DDL must not call this again through 0006_follow_ddl.sql: hence the setting. (Not as a clause of
-- the function: only a superuser may put one there that no library has defined.)
-- `rewritten`: its rows may be others than before, without a trigger.
CREATE FUNCTION ordercast.install(s ordercast.stream, rewritten boolean DEFAULT false) RETURNS void
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
     -- A label was renamed: rows show it. (One that is added is in none.)
     OR EXISTS (SELECT FROM unnest(old.sent_labels, s.sent_labels) AS l(before, after)
                 WHERE NOT l.after::text[] @> l.before::text[])
     OR rewritten
     OR ordercast.members_brought_rows(coalesce(old.members, s.members), s.members) THEN
    PERFORM ordercast.announce(s.name, 'r');
  END IF;
END
$$;

-- Leaves nothing of a stream behind but its changes in the log.
CREATE FUNCTION ordercast.uninstall(s ordercast.stream) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  s.members := '{}';
  PERFORM ordercast.install_triggers(s);
  EXECUTE format('DROP FUNCTION IF EXISTS ordercast.capture_%s()', s.id);
  DELETE FROM ordercast.stream t WHERE t.id = s.id;
  -- What happens to the rows until the next stream of this name is in no log: who resumes from before is to know.
  PERFORM ordercast.announce(s.name, 'r');
  PERFORM ordercast.announce(s.name, 'c');
END
$$;

-- Makes a stream of a table's changes, from now on. Again: to change how its rows are sent, or to follow ALTER TABLE.
-- The call states the whole: a tenant or columns that it leaves out are taken back.
CREATE FUNCTION ordercast.watch(
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
  SELECT attname INTO missing FROM pg_attribute
   WHERE attrelid = relation AND attname = ANY (columns || tenant) AND attgenerated = 'v' LIMIT 1;
  IF missing IS NOT NULL THEN
    RAISE EXCEPTION 'column "%" of % is virtual: it has no value until it is read, and triggers see none', missing, relation
      USING ERRCODE = 'feature_not_supported', HINT = 'Make it GENERATED ALWAYS AS (...) STORED, or leave it out.';
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

-- Ends a stream. Its changes stay in the log until retention takes them. Returns whether there was such a stream.
CREATE FUNCTION ordercast.unwatch(stream text) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '200ms'
AS $$
DECLARE
  s ordercast.stream;
BEGIN
  LOCK TABLE ordercast.stream IN SHARE ROW EXCLUSIVE MODE;
  SELECT * INTO s FROM ordercast.stream t WHERE t.name = unwatch.stream;
  IF s.id IS NULL THEN
    RETURN false;
  END IF;
  PERFORM ordercast.uninstall(s);
  RETURN true;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ordercast FROM PUBLIC;
