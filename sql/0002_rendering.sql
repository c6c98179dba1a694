-- How a row becomes JSON (docs/decisions/0002-row-json.md): row_to_json of the columns that are sent, except
-- that int8 and numeric, their domains and arrays are strings, for JavaScript's numbers lose their digits.
-- These functions write SQL text; they run when a table is watched, not when it is written.

-- The type below all domains.
CREATE FUNCTION ordercast.base_type(type oid) RETURNS oid
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH RECURSIVE chain AS (
    SELECT t.oid, t.typtype, t.typbasetype FROM pg_type t WHERE t.oid = type
    UNION ALL
    SELECT t.oid, t.typtype, t.typbasetype FROM chain c JOIN pg_type t ON t.oid = c.typbasetype
     WHERE c.typtype = 'd'
  )
  SELECT oid FROM chain WHERE typtype <> 'd'
$$;

-- The element type of an array (or domain over an array), below all domains; null for what is no array.
CREATE FUNCTION ordercast.element_type(type oid) RETURNS oid
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT ordercast.base_type(typelem) FROM pg_type
   WHERE oid = ordercast.base_type(type) AND typelem <> 0 AND typlen = -1
$$;

-- The expression that goes into row_to_json for a value of `type`, which `reference` names.
CREATE FUNCTION ordercast.json_value(type oid, reference text) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE
    WHEN ordercast.base_type(type) IN ('int8'::regtype, 'numeric'::regtype) THEN reference || '::text'
    WHEN ordercast.element_type(type) IN ('int8'::regtype, 'numeric'::regtype) THEN reference || '::text[]'
    ELSE reference
  END
$$;

-- A subselect that makes one record of the named columns of `relation`, read through alias r:
-- row_to_json(alias.*) of it is the JSON object.
CREATE FUNCTION ordercast.json_record(relation oid, columns name[]) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('(SELECT %s)', string_agg(
           format('%s AS %I', ordercast.json_value(a.atttypid, format('r.%I', a.attname)), a.attname),
           ', ' ORDER BY c.position))
    FROM unnest(columns) WITH ORDINALITY AS c(name, position)
    JOIN pg_attribute a ON a.attrelid = relation AND a.attname = c.name AND a.attnum > 0 AND NOT a.attisdropped
$$;

-- The settings that shape the text of values of these types, as SET clauses of a function. Types known to
-- need none are listed; whatever else there is (ranges, composites, extensions) gets them all.
CREATE FUNCTION ordercast.output_settings(types oid[]) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH needed AS (
    SELECT CASE CASE WHEN b.typtype = 'e' THEN 'text' ELSE format_type(b.oid, NULL) END
             WHEN 'timestamp with time zone' THEN 'timezone'
             WHEN 'bytea' THEN 'bytea_output'
             WHEN 'interval' THEN 'intervalstyle'
             WHEN 'real' THEN 'extra_float_digits'
             WHEN 'double precision' THEN 'extra_float_digits'
             WHEN 'boolean' THEN 'none' WHEN 'smallint' THEN 'none' WHEN 'integer' THEN 'none'
             WHEN 'bigint' THEN 'none' WHEN 'numeric' THEN 'none' WHEN 'text' THEN 'none'
             WHEN 'character varying' THEN 'none' WHEN 'character' THEN 'none' WHEN 'uuid' THEN 'none'
             WHEN 'json' THEN 'none' WHEN 'jsonb' THEN 'none' WHEN 'date' THEN 'none'
             WHEN 'timestamp without time zone' THEN 'none' WHEN 'time without time zone' THEN 'none'
             ELSE 'all'
           END AS setting
      FROM unnest(types) AS t
      JOIN pg_type b ON b.oid = coalesce(ordercast.element_type(t), ordercast.base_type(t))
  )
  SELECT coalesce(string_agg(format('SET %s = %s', s.name, s.value), E'\n' ORDER BY s.name), '')
    FROM (VALUES ('timezone', '''UTC'''), ('bytea_output', 'hex'), ('intervalstyle', 'iso_8601'),
                 ('extra_float_digits', '1'), ('datestyle', '''ISO, YMD'''), ('lc_monetary', '''C'''))
         AS s(name, value)
   WHERE EXISTS (SELECT FROM needed n WHERE n.setting IN (s.name, 'all'))
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ordercast FROM PUBLIC;
