-- How servers make writers wake them (docs/decisions/0004-wake-up.md). Who holds ordercast.wake_key() exclusively,
-- makes all writers notify; while nobody does, they notify nobody, and whoever wants to know looks.

-- Tries to make writers notify from now on. 'own': they do, until disarm() or the end of this session, and all who
-- were not told to have ended: what they committed is visible. 'other': another session makes them, with the same
-- consequences. 'none': somebody who was not told to notify has not ended.
--
-- Who is in the way, nobody says: but a writer's lock and a server's differ in what they let others have. So after
-- the exclusive lock it tries the writers' own, which only another server refuses, and which goes with the statement.
CREATE FUNCTION ordercast.arm() RETURNS text
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN pg_try_advisory_lock(ordercast.wake_key()) THEN 'own'
              WHEN pg_try_advisory_xact_lock_shared(ordercast.wake_key()) THEN 'none'
              ELSE 'other'
         END
$$;

-- Lets writers off. The other servers, who sleep because this one was armed, are told: after the lock was given
-- back, so that who is woken by it finds what was committed without a word, or is awake to look for it.
CREATE FUNCTION ordercast.disarm() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM pg_advisory_unlock(ordercast.wake_key());
  NOTIFY ordercast, 'disarmed';
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ordercast FROM PUBLIC;
