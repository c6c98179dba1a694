-- The catalog: which tables are watched, and how their rows are sent. Written by 0005_watch.sql only.

CREATE TABLE ordercast.stream (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,  -- names the trigger function; never reused
  name text NOT NULL UNIQUE CHECK (name ~ '^[a-z_][a-z0-9_]{0,62}$'),
  relation regclass NOT NULL UNIQUE,
  -- As asked for.
  tenant name,
  -- The changes of transactions before this one were logged when the stream had another tenant column, or none: they
  -- do not say whose they are.
  tenant_since xid8 NOT NULL DEFAULT '0',
  columns name[],  -- null: all, also those added later
  -- As found when the triggers were put in place last; columns in the table's order, those of the key in its own.
  table_name text NOT NULL,
  members regclass[] NOT NULL,  -- the table and its partitions
  key_columns name[] NOT NULL,
  sent_columns name[] NOT NULL,
  sent_types text[] NOT NULL,
  sent_bases text[] NOT NULL,   -- the types below domains, without modifiers
  sent_labels text[] NOT NULL   -- of enums, in their order: arrays as text; '{}' for other types
);
COMMENT ON TABLE ordercast.stream IS 'Ordercast: the watched tables; change it with ordercast.watch and unwatch';

-- What a server needs to know about each stream. A tenant that is not among the columns (its column was dropped)
-- matches nobody's rows.
CREATE VIEW ordercast.catalog AS
  SELECT name, table_name, key_columns::text[] AS key_columns, sent_columns::text[] AS column_names,
         sent_types AS column_types, sent_bases AS column_bases, sent_labels AS column_labels, tenant::text AS tenant,
         tenant_since, columns IS NOT NULL AS columns_chosen
    FROM ordercast.stream;
COMMENT ON VIEW ordercast.catalog IS 'Ordercast: the streams, for servers';

-- The unique index whose columns are the key: the primary key, else REPLICA IDENTITY USING INDEX.
CREATE FUNCTION ordercast.key_index(relation oid) RETURNS oid
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT indexrelid FROM pg_index
   WHERE indrelid = relation AND (indisprimary OR indisreplident) AND indisvalid
   ORDER BY indisprimary DESC LIMIT 1
$$;

-- The key: its columns in the index's order, and the equality that the index answers.
CREATE FUNCTION ordercast.key_columns(relation oid) RETURNS TABLE (name name, equality text, "position" int)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT a.attname, format('OPERATOR(%I.%s)', n.nspname, o.oprname), k.position::int
    FROM pg_index i
    CROSS JOIN LATERAL unnest(i.indkey::int2[], i.indclass::oid[]) WITH ORDINALITY AS k(attnum, opclass, position)
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
    JOIN pg_opclass c ON c.oid = k.opclass
    JOIN pg_amop m ON m.amopfamily = c.opcfamily AND m.amopstrategy = 3  -- btree: equal
                  AND m.amoplefttype = c.opcintype AND m.amoprighttype = c.opcintype
    JOIN pg_operator o ON o.oid = m.amopopr
    JOIN pg_namespace n ON n.oid = o.oprnamespace
   WHERE i.indexrelid = ordercast.key_index(relation) AND k.position <= i.indnkeyatts
   ORDER BY k.position
$$;

-- The stream with what follows from the table as it is now filled in.
CREATE FUNCTION ordercast.described(s ordercast.stream) RETURNS ordercast.stream
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  s.table_name := s.relation::text;  -- with its schema: search_path holds none
  s.members := ARRAY(SELECT s.relation UNION SELECT relid FROM pg_partition_tree(s.relation) ORDER BY 1);
  s.key_columns := ARRAY(SELECT name FROM ordercast.key_columns(s.relation) ORDER BY position);
  -- Without virtual generated columns (PostgreSQL 18): in a transition table they have no value, and to name one fails the
  -- shop's write.
  SELECT array_agg(attname ORDER BY attnum), array_agg(format_type(atttypid, atttypmod) ORDER BY attnum),
         array_agg(format_type(base, NULL) ORDER BY attnum),
         array_agg(ARRAY(SELECT enumlabel FROM pg_enum WHERE enumtypid = base ORDER BY enumsortorder)::text
                   ORDER BY attnum)
    INTO s.sent_columns, s.sent_types, s.sent_bases, s.sent_labels
    FROM pg_attribute, ordercast.base_type(atttypid) AS base
   WHERE attrelid = s.relation AND attnum > 0 AND NOT attisdropped AND attgenerated <> 'v'
     AND (s.columns IS NULL OR attname = ANY (s.columns || s.key_columns) OR attname = s.tenant);
  RETURN s;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ordercast FROM PUBLIC;
