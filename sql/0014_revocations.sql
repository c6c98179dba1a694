-- Tokens that are void before their end (docs/protocol.md, "Tokens"). Servers read this table when they begin, when
-- they are notified, and when it has another number, which they look at every few seconds; a reader's right to it is
-- in 0007_reader.sql.

-- A row is of the tokens of which all that it names holds.
CREATE TABLE ordercast.revocations (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  jti text,
  tenant text,
  issued_before timestamptz,
  -- When the last of those tokens has ended anyway; the row is then of no use any more.
  expires_at timestamptz NOT NULL DEFAULT 'infinity',
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT says_which CHECK (num_nonnulls(jti, tenant, issued_before) > 0)
);

-- revoke() looks for rows of the same tokens.
CREATE INDEX ON ordercast.revocations (jti);
CREATE INDEX ON ordercast.revocations (tenant);
CREATE INDEX ON ordercast.revocations (expires_at);

-- How often they have changed. Who changes them holds this row until the transaction ends: nobody sees a number before
-- all that it counts.
CREATE TABLE ordercast.revocation_changes (
  number bigint NOT NULL DEFAULT 0,
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row)
);
INSERT INTO ordercast.revocation_changes DEFAULT VALUES;
COMMENT ON TABLE ordercast.revocation_changes IS 'Ordercast: how often ordercast.revocations has changed';

-- Whatever changes the table, the servers are told.
CREATE FUNCTION ordercast.tell_revocations() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE ordercast.revocation_changes SET number = number + 1;
  NOTIFY ordercast_revoked;
  RETURN NULL;
END
$$;

CREATE TRIGGER tell AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON ordercast.revocations
  FOR EACH STATEMENT EXECUTE FUNCTION ordercast.tell_revocations();
ALTER TABLE ordercast.revocations ENABLE ALWAYS TRIGGER tell;

-- Revokes one token by its id, those of a tenant, or all, of the two latter those that were issued up to now (or
-- before the time given). Streams that were opened with them end within seconds. Rows that are of no use any more go:
-- those whose tokens have ended, and those whose tokens are all among the new row's. So there is one for each token by
-- its id, for each tenant, and for all, as long as each is revoked up to now.
--   SELECT ordercast.revoke(jti => '5b0e…');
--   SELECT ordercast.revoke(tenant => '7');
--   SELECT ordercast.revoke(issued_before => now());
CREATE FUNCTION ordercast.revoke(jti text DEFAULT NULL, tenant text DEFAULT NULL, issued_before timestamptz DEFAULT NULL,
                                 expires_at timestamptz DEFAULT 'infinity') RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  made ordercast.revocations;
BEGIN
  IF num_nonnulls(jti, tenant, issued_before) = 0 THEN
    RAISE EXCEPTION 'say which tokens: jti, tenant or issued_before' USING ERRCODE = 'null_value_not_allowed';
  END IF;
  DELETE FROM ordercast.revocations r WHERE r.expires_at < now() - interval '1 hour';
  INSERT INTO ordercast.revocations AS r (jti, tenant, issued_before, expires_at)
  VALUES (revoke.jti, revoke.tenant,
          CASE WHEN revoke.jti IS NULL THEN coalesce(revoke.issued_before, now()) ELSE revoke.issued_before END,
          revoke.expires_at)
  RETURNING r.* INTO made;
  DELETE FROM ordercast.revocations r
   WHERE r.id <> made.id AND r.expires_at <= made.expires_at
     AND (made.jti IS NULL OR r.jti = made.jti)
     AND (made.tenant IS NULL OR r.tenant = made.tenant)
     AND (made.issued_before IS NULL OR r.issued_before <= made.issued_before);
  RETURN made.id;
END
$$;

-- Lets a role revoke tokens, and nothing else.
CREATE FUNCTION ordercast.grant_revoker(role regrole) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA ordercast TO %s', role);
  EXECUTE format('GRANT EXECUTE ON FUNCTION ordercast.revoke(text, text, timestamptz, timestamptz) TO %s', role);
END
$$;

REVOKE ALL ON FUNCTION ordercast.tell_revocations, ordercast.revoke, ordercast.grant_revoker FROM PUBLIC;
