-- The roles of an installation, each with no more than it needs. Run it as a superuser in the shop's database, before
-- `ordercast migrate` and again after each: psql --single-transaction --file deploy/roles.sql
--
--   ordercast_owner   owns the schema `ordercast` and what the triggers do: `ordercast migrate`
--   ordercast_reader  a node's: `ordercast serve`, `doctor`, `prune`
--   ordercast_writer  puts messages of its own into streams (ordercast.publish): `ordercast canary --database`
--
-- Who writes the watched tables needs no right here, and gets none. Passwords are not set here: \password, or pg_hba.conf.

DO $$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['ordercast_owner', 'ordercast_reader', 'ordercast_writer'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
      EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', wanted);
    END IF;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), wanted);
  END LOOP;

  IF to_regnamespace('ordercast') IS NULL THEN
    -- For the schema that `ordercast migrate` makes.
    EXECUTE format('GRANT CREATE ON DATABASE %I TO ordercast_owner', current_database());
  ELSE
    EXECUTE format('REVOKE CREATE ON DATABASE %I FROM ordercast_owner', current_database());
    PERFORM ordercast.grant_reader('ordercast_reader');
    PERFORM ordercast.grant_publisher('ordercast_writer');
  END IF;
END
$$;
