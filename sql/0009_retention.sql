-- How much of the change log is kept: all that is younger than history.keep_age, unless that takes more than
-- history.keep_bytes (docs/decisions/0001-change-log.md, "Retention").

-- The leaves as they are now; a few index look-ups each. newest_at and newest_tx are null for an empty one.
CREATE FUNCTION ordercast.leaves()
RETURNS TABLE (leaf regclass, slot integer, bytes bigint, newest_at timestamptz, newest_tx xid8)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  FOR i IN 0..7 LOOP
    slot := i;
    leaf := format('ordercast.change_log_%s', i)::regclass;
    bytes := pg_total_relation_size(leaf);
    EXECUTE format('SELECT (SELECT at FROM %1$s ORDER BY seq DESC LIMIT 1),'
                   '       (SELECT tx FROM %1$s ORDER BY tx DESC LIMIT 1)', leaf)
       INTO newest_at, newest_tx;
    RETURN NEXT;
  END LOOP;
END
$$;

-- Empties a leaf whose every change is older than `keep`. False when it cannot be now: it is in use, its turn
-- to be written is now, or a transaction still runs that began before the last one of the leaf.
CREATE FUNCTION ordercast.empty_leaf(leaf regclass, slot integer, keep interval) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  written_now boolean;
  newest_at timestamptz;
  newest_tx xid8;
BEGIN
  -- A second ahead: emptying takes less, and no writer shall wait for it.
  EXECUTE (SELECT format('SELECT %s IN (%s, %s)', slot,
                         ordercast.slot_at('clock_timestamp()', keep_age),
                         ordercast.slot_at('(clock_timestamp() + interval ''1 second'')', keep_age))
             FROM ordercast.history) INTO written_now;
  IF written_now THEN
    RETURN false;
  END IF;
  EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', leaf);
  -- Only now: nobody can write any more.
  EXECUTE format('SELECT (SELECT at FROM %1$s ORDER BY seq DESC LIMIT 1),'
                 '       (SELECT tx FROM %1$s ORDER BY tx DESC LIMIT 1)', leaf)
     INTO newest_at, newest_tx;
  -- A position taken while an old transaction runs does not see that one. Were floor_tx above it, the
  -- position would be refused though nothing is missing: so the floor stays below all that run.
  IF clock_timestamp() - newest_at < keep OR newest_tx >= pg_snapshot_xmin(pg_current_snapshot()) THEN
    RAISE lock_not_available;  -- which gives the lock back
  END IF;
  EXECUTE format('TRUNCATE %s', leaf);
  UPDATE ordercast.history SET floor_tx = newest_tx WHERE floor_tx < newest_tx;
  RETURN true;
EXCEPTION WHEN lock_not_available THEN
  RETURN false;
END
$$;

-- What each server calls every minute: empties the leaves that retention does not keep, the oldest first.
-- Says how many, and how many bytes the log is over its size limit all the same; null when another session is
-- at it. Writers never wait for it; readers of the log do while a leaf is emptied.
CREATE FUNCTION ordercast.prune(OUT emptied integer, OUT bytes_over bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- Readers queue behind a lock that we wait for: not for long.
SET lock_timeout = '100ms'
AS $$
DECLARE
  -- Kept even when there is too much: servers, which read each second, shall have read it.
  just_written CONSTANT interval := '1 minute';
  settings ordercast.history;
  old record;
  excess bigint;
BEGIN
  emptied := 0;
  IF NOT pg_try_advisory_xact_lock(7316090842917155264) THEN  -- a random constant: nobody else's
    RETURN;
  END IF;
  SELECT * INTO STRICT settings FROM ordercast.history;
  FOR old IN SELECT *, sum(bytes) OVER () AS total FROM ordercast.leaves() ORDER BY newest_tx LOOP
    excess := coalesce(excess, old.total - settings.keep_bytes, 0);
    EXIT WHEN old.newest_tx IS NULL;  -- the empty ones come last
    IF clock_timestamp() - old.newest_at >= settings.keep_age THEN
      CONTINUE WHEN NOT ordercast.empty_leaf(old.leaf, old.slot, settings.keep_age);
    ELSE
      CONTINUE WHEN excess <= 0;
      -- No younger leaf in place of this one: changes before a gap are out of reach.
      EXIT WHEN NOT ordercast.empty_leaf(old.leaf, old.slot, just_written);
    END IF;
    emptied := emptied + 1;
    excess := excess - old.bytes;
  END LOOP;
  bytes_over := greatest(excess, 0);
END
$$;

-- Changes what is kept; null leaves it as it is. `age` is 6 minutes or more, `size` as in '10 GB', or
-- 'unlimited'. Gives up on a log in use after a fraction of a second (lock_not_available): try again.
--
-- A leaf may then hold changes of its former turn, too: it is emptied when the last of them is too old.
CREATE FUNCTION ordercast.set_retention(age interval DEFAULT NULL, size text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
-- Writers queue behind a lock that we wait for: not for long.
SET lock_timeout = '100ms'
AS $$
DECLARE
  -- In days of 24 hours: a month has no length.
  kept CONSTANT interval := justify_hours(make_interval(secs => date_part('epoch', age)));
  bytes CONSTANT bigint := pg_size_bytes(nullif(size, 'unlimited'));
BEGIN
  IF kept < '6 minutes' THEN
    RAISE EXCEPTION 'the age must be 6 minutes or more, not %', age
      USING ERRCODE = 'invalid_parameter_value',
            DETAIL = 'A slot of the log is a sixth of it, and servers look once a minute.';
  ELSIF bytes < 1024 * 1024 THEN
    RAISE EXCEPTION 'the size must be 1 MB or more, not %', size
      USING ERRCODE = 'invalid_parameter_value', DETAIL = 'An empty log takes a part of that.';
  END IF;
  UPDATE ordercast.history
     SET keep_age = coalesce(kept, keep_age),
         keep_bytes = CASE WHEN size IS NULL THEN keep_bytes ELSE bytes END;
  IF kept IS NOT NULL THEN
    EXECUTE 'ALTER TABLE ONLY ordercast.change_log ALTER slot SET DEFAULT '
         || ordercast.slot_at('clock_timestamp()', kept);
  END IF;
END
$$;

-- What is set, and what is there. oldest_at is of the earliest change that a client can still have.
CREATE FUNCTION ordercast.retention(OUT keep_age interval, OUT keep_bytes bigint, OUT bytes bigint,
                                    OUT oldest_at timestamptz)
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT h.keep_age, h.keep_bytes, (SELECT sum(l.bytes)::bigint FROM ordercast.leaves() l),
         (SELECT c.at FROM ordercast.change_log c WHERE c.tx > h.floor_tx ORDER BY c.seq LIMIT 1)
    FROM ordercast.history h
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ordercast FROM PUBLIC;
