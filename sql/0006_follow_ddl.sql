-- Follows ALTER TABLE, ALTER TYPE (labels of an enum), new partitions and DROP in the transaction that does it, so that watch need not be called
-- again. Only a superuser may have event triggers. Without them the trigger functions get by (see
-- ordercast.capture_body), and ordercast.watch is to be called after a change of a watched table.

DO $do$
BEGIN
  IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
    RETURN;
  END IF;

  CREATE FUNCTION ordercast.follow_ddl() RETURNS event_trigger
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET lock_timeout = '200ms'
  AS $$
  DECLARE
    s ordercast.stream;
    changed oid[];
    rewritten oid[];
  BEGIN
    IF current_setting('ordercast.installing', true) = 'on' THEN
      RETURN;
    END IF;
    rewritten := string_to_array(coalesce(current_setting('ordercast.rewritten', true), ''), ',');
    changed := CASE TG_EVENT
      WHEN 'sql_drop' THEN
        ARRAY(SELECT objid FROM pg_event_trigger_dropped_objects() WHERE classid = 'pg_class'::regclass)
      ELSE
        ARRAY(SELECT coalesce(pg_partition_root(objid), objid) FROM pg_event_trigger_ddl_commands()
               WHERE classid = 'pg_class'::regclass
              UNION
              SELECT a.attrelid
                FROM pg_event_trigger_ddl_commands() c, ordercast.stream t, pg_attribute a
               WHERE c.classid = 'pg_type'::regclass AND a.attrelid = t.relation
                 AND ordercast.base_type(a.atttypid) = c.objid)
      END;
    FOR s IN
      SELECT * FROM ordercast.stream t
       WHERE t.relation = ANY (changed) OR t.members::oid[] && changed OR t.members::oid[] && rewritten
    LOOP
      IF EXISTS (SELECT FROM pg_class WHERE oid = s.relation) THEN
        PERFORM ordercast.install(s, s.members::oid[] && rewritten);
      ELSE
        PERFORM ordercast.uninstall(s);
      END IF;
    END LOOP;
    PERFORM set_config('ordercast.rewritten', '', true) WHERE rewritten <> '{}';
  EXCEPTION WHEN OTHERS THEN
    -- The shop's ALTER TABLE is not to fail for us.
    RAISE WARNING 'Ordercast could not follow %: %', TG_TAG, SQLERRM
      USING HINT = 'Call ordercast.watch again for this table.';
  END
  $$;
  REVOKE ALL ON FUNCTION ordercast.follow_ddl FROM PUBLIC;

  -- A command may compute rows anew and change nothing that the catalog holds: ALTER COLUMN ... TYPE to the same one, USING
  -- an expression; another expression of a generated column. It says so before its end, for which this notes the table.
  CREATE FUNCTION ordercast.note_rewrite() RETURNS event_trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
  AS $$
  BEGIN
    -- 2: by a default or a generated column, 4: by another type; else the rows are only stored otherwise.
    IF pg_event_trigger_table_rewrite_reason() & 6 <> 0 THEN
      PERFORM set_config('ordercast.rewritten', concat_ws(',', nullif(current_setting('ordercast.rewritten', true), ''),
                                                          pg_event_trigger_table_rewrite_oid()), true);
    END IF;
  END
  $$;
  REVOKE ALL ON FUNCTION ordercast.note_rewrite FROM PUBLIC;

  CREATE EVENT TRIGGER ordercast_note_rewrite ON table_rewrite EXECUTE FUNCTION ordercast.note_rewrite();
  CREATE EVENT TRIGGER ordercast_follow_ddl ON ddl_command_end
    WHEN TAG IN ('ALTER TABLE', 'ALTER TYPE', 'CREATE TABLE') EXECUTE FUNCTION ordercast.follow_ddl();
  CREATE EVENT TRIGGER ordercast_follow_drop ON sql_drop EXECUTE FUNCTION ordercast.follow_ddl();
END
$do$;
