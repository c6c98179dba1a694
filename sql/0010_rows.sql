-- The present rows of a stream: all of them, or those that match a filter (src/core/filter.h).
-- A filter comes as data and becomes SQL here: columns are looked up in the catalog and quoted, operators are spelled
-- below, and values are parameters, cast to the type of what they are compared with. So a role that may read streams
-- cannot run SQL of its own with the rights of the log's owner.

-- A filter's value, the last one in the array that is the statement's parameter.
CREATE FUNCTION ordercast.filter_value(given text[], type regtype) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  -- A cast to `character` would keep one character.
  SELECT format('($1)[%s]::%s', cardinality(given), CASE type WHEN 'bpchar'::regtype THEN 'bpchar' ELSE type::text END)
$$;

-- What is compared by `node`, read through the table's alias t: a column, or what a path into it leads to.
CREATE FUNCTION ordercast.filter_subject(
  s ordercast.stream, node jsonb, INOUT given text[],
  OUT subject text,
  OUT type regtype,      -- of the values it is compared with
  OUT json_type text,    -- jsonb or json, where a JSON null is as good as none
  OUT collated boolean   -- by a rule under which texts of different characters are equal
)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  a pg_attribute;
  step jsonb;
  steps_left int := coalesce(jsonb_array_length(node -> 'path'), 0);
BEGIN
  SELECT * INTO a FROM pg_attribute
   WHERE attrelid = s.relation AND attname = node ->> 'column' AND attname = ANY (s.sent_columns)
     AND attnum > 0 AND NOT attisdropped;
  IF a.attname IS NULL THEN
    RAISE EXCEPTION 'stream "%" has no column "%"', s.name, node ->> 'column' USING ERRCODE = 'undefined_column';
  END IF;
  subject := format('t.%I', a.attname);
  type := ordercast.base_type(a.atttypid);
  collated := EXISTS (SELECT FROM pg_collation WHERE oid = a.attcollation AND NOT collisdeterministic);

  FOR step IN SELECT value FROM jsonb_array_elements(node -> 'path') LOOP
    steps_left := steps_left - 1;
    IF jsonb_typeof(step) <> 'number' THEN
      given := given || (step #>> '{}');
    END IF;
    subject := format('(%s %s %s)', subject, CASE WHEN steps_left = 0 AND node ->> 'as' = 'text' THEN '->>' ELSE '->' END,
                      CASE jsonb_typeof(step) WHEN 'number' THEN step::int::text
                                              ELSE ordercast.filter_value(given, 'text') END);
  END LOOP;
  IF node ->> 'as' = 'text' THEN
    type := 'text';
  ELSIF EXISTS (SELECT FROM pg_enum WHERE enumtypid = type) THEN
    subject := format('%s::%s', subject, type);  -- the operators of enums are not found for domains over them
  ELSIF type IN ('json'::regtype, 'jsonb'::regtype) THEN
    json_type := type::text;
    IF node ? 'path' AND node ->> 'op' <> 'is' THEN
      json_type := NULL;
      type := 'numeric';
      subject := format('(CASE jsonb_typeof(%1$s) WHEN ''number'' THEN (%1$s)::numeric END)', subject);
    END IF;
  END IF;
END
$$;

-- The SQL of one condition.
CREATE FUNCTION ordercast.filter_condition(s ordercast.stream, node jsonb, INOUT given text[], OUT condition text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  op text := node ->> 'op';
  operator text := CASE op WHEN 'eq' THEN '=' WHEN 'in' THEN '=' WHEN 'neq' THEN '<>' WHEN 'gt' THEN '>'
                           WHEN 'gte' THEN '>=' WHEN 'lt' THEN '<' WHEN 'lte' THEN '<='
                           WHEN 'isdistinct' THEN 'IS DISTINCT FROM'
                           WHEN 'like' THEN 'LIKE' WHEN 'ilike' THEN 'ILIKE' WHEN 'match' THEN '~' END;
  compared record;
  subject text;
  value text;
  alternatives text[];
BEGIN
  compared := ordercast.filter_subject(s, node, given);
  given := compared.given;
  subject := compared.subject;
  IF op = 'is' THEN
    condition := CASE node ->> 'value'
      WHEN 'null' THEN
        -- Not IS NULL, which holds for a composite of nothing but nulls.
        CASE WHEN compared.json_type IS NULL THEN format('%s IS NOT DISTINCT FROM NULL', subject)
             ELSE format('coalesce(%s_typeof(%s), ''null'') = ''null''', compared.json_type, subject) END
      WHEN 'true' THEN format('%s IS TRUE', subject)
      WHEN 'false' THEN format('%s IS FALSE', subject)
      WHEN 'unknown' THEN format('%s IS UNKNOWN', subject)
    END;
  ELSIF compared.type IN ('text'::regtype, 'varchar'::regtype, 'name'::regtype, 'bpchar'::regtype) THEN
    IF op IN ('like', 'ilike', 'match') THEN
      subject := format('%s::text', subject);
    END IF;
    -- Equality is the same in all collations but these, and in the column's own it has the column's indexes.
    IF compared.collated OR op NOT IN ('eq', 'in', 'neq', 'isdistinct', 'like') THEN
      subject := format('%s COLLATE "C"', subject);
    END IF;
    compared.type := CASE WHEN compared.type = 'bpchar'::regtype AND op NOT IN ('like', 'ilike', 'match') THEN 'bpchar'
                          ELSE 'text' END;
  ELSIF op IN ('like', 'ilike', 'match') THEN
    operator := NULL;
  ELSIF compared.type NOT IN ('bool'::regtype, 'int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype,
                              'float4'::regtype, 'float8'::regtype, 'uuid'::regtype, 'date'::regtype,
                              'time'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype)
    AND NOT EXISTS (SELECT FROM pg_enum WHERE enumtypid = compared.type) THEN
    operator := NULL;
  END IF;

  IF condition IS NULL AND operator IS NOT NULL THEN
    FOR value IN
      SELECT * FROM jsonb_array_elements_text(CASE op WHEN 'in' THEN node -> 'value'
                                                      ELSE jsonb_build_array(node -> 'value') END)
    LOOP
      given := given || value;
      alternatives := alternatives || ordercast.filter_value(given, compared.type);
    END LOOP;
    condition := CASE op WHEN 'in' THEN format('%s IN (%s)', subject, array_to_string(alternatives, ', '))
                         ELSE format('%s %s %s', subject, operator, alternatives[1]) END;
  END IF;
  IF condition IS NULL THEN
    RAISE EXCEPTION 'not a condition on %: %', compared.type, node USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;

-- The SQL of a filter. `given` gathers its values.
CREATE FUNCTION ordercast.filter_sql(s ordercast.stream, node jsonb, INOUT given text[], OUT condition text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  operand jsonb;
  one text;
  all_of text[];
BEGIN
  IF node ? 'not' THEN
    SELECT f.given, format('NOT (%s)', f.condition) INTO given, condition
      FROM ordercast.filter_sql(s, node -> 'not', given) f;
  ELSIF node ? 'and' OR node ? 'or' THEN
    FOR operand IN SELECT value FROM jsonb_array_elements(coalesce(node -> 'and', node -> 'or')) LOOP
      SELECT f.given, format('(%s)', f.condition) INTO given, one FROM ordercast.filter_sql(s, operand, given) f;
      all_of := all_of || one;
    END LOOP;
    condition := array_to_string(all_of, CASE WHEN node ? 'and' THEN ' AND ' ELSE ' OR ' END);
  ELSE
    SELECT f.given, f.condition INTO given, condition FROM ordercast.filter_condition(s, node, given) f;
  END IF;
END
$$;

-- The SQL of an order: [{"column":"created_at","descending":true,"nulls_first":false}, …], each perhaps with a path.
-- `given` gathers the keys of the paths.
CREATE FUNCTION ordercast.order_sql(s ordercast.stream, order_by jsonb, INOUT given text[], OUT terms text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  term jsonb;
  compared record;
  one text[];
BEGIN
  FOR term IN SELECT value FROM jsonb_array_elements(order_by) LOOP
    compared := ordercast.filter_subject(s, term || '{"op":"order"}', given);
    given := compared.given;
    one := one || format('%s%s %s NULLS %s', compared.subject,
      CASE WHEN compared.type IN ('text'::regtype, 'varchar'::regtype, 'name'::regtype, 'bpchar'::regtype)
           THEN ' COLLATE "C"' END,
      CASE WHEN (term -> 'descending')::boolean THEN 'DESC' ELSE 'ASC' END,
      CASE WHEN (term -> 'nulls_first')::boolean THEN 'FIRST' ELSE 'LAST' END);
  END LOOP;
  terms := array_to_string(one, ', ');
END
$$;

-- The SQL of "this row, read through alias t, is of the tenant that is the last of `given`". By the column's own
-- equality, which has its indexes, and by its text, which is what tokens name.
CREATE FUNCTION ordercast.tenant_sql(s ordercast.stream, tenant text, INOUT given text[], OUT condition text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF s.tenant IS NULL OR s.tenant <> ALL (s.sent_columns) THEN
    RAISE EXCEPTION 'stream "%" does not say whose rows it has', s.name USING ERRCODE = 'undefined_column';
  END IF;
  SELECT f.given, f.condition INTO given, condition
    FROM ordercast.filter_condition(
           s, jsonb_build_object('column', s.tenant, 'op', 'eq', 'value', tenant), given) f;
  given := given || tenant;
  condition := format('(%s) AND t.%I::text = %s COLLATE "C"', condition, s.tenant,
                      ordercast.filter_value(given, 'text'));
END
$$;

-- The present rows, rendered as in the log, as a cursor: they come while the table is read, and are never all in
-- memory. Of one tenant where `tenant` is given: that text, and no other spelling of it. Each row with whose it is; the
-- row is null when it is too large to be sent.
--   BEGIN READ ONLY;
--   SELECT pg_current_snapshot(), ordercast.open_rows('orders');  -- the cursor's name; it sees that very snapshot
--   FETCH 1000 FROM "<name>";  -- key, row, tenant
-- They are rendered while they are fetched: so the settings that shape them are the transaction's.
-- SECURITY DEFINER, so that a reader needs no right on the table.
CREATE FUNCTION ordercast.open_rows(
  stream text,
  filter jsonb DEFAULT NULL,    -- as Filter::canonical() of src/core/filter.h writes it; null: all rows
  order_by jsonb DEFAULT NULL,  -- see ordercast.order_sql; null: in no order
  max_rows bigint DEFAULT NULL,
  tenant text DEFAULT NULL      -- null: of all
) RETURNS refcursor
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  max_row_bytes CONSTANT int := 1048576;  -- as of a change: src/pg/change_rows.h
  s ordercast.stream;
  source text;
  given text[] := '{}';
  condition text;
  of_tenant text;
  sorting text;
  present refcursor;
BEGIN
  SELECT * INTO s FROM ordercast.stream t WHERE t.name = open_rows.stream;
  IF s.id IS NULL THEN
    RAISE EXCEPTION 'there is no stream "%"', stream USING ERRCODE = 'undefined_object';
  END IF;
  s := ordercast.described(s);
  IF row_security_active(s.relation) THEN
    -- It came after the watch, which refuses such a table: fewer rows than there are would be taken for all.
    RAISE EXCEPTION 'row-level security hides rows of % from %', s.relation, current_user
      USING ERRCODE = 'insufficient_privilege', HINT = format('ALTER ROLE %I BYPASSRLS.', current_user);
  END IF;
  source := s.relation::text;
  IF filter IS NOT NULL OR order_by IS NOT NULL OR max_rows IS NOT NULL OR tenant IS NOT NULL THEN
    SELECT f.given, f.condition INTO given, condition FROM ordercast.filter_sql(s, filter, given) f WHERE filter IS NOT NULL;
    IF tenant IS NOT NULL THEN
      SELECT f.given, f.condition INTO given, of_tenant
        FROM ordercast.tenant_sql(s, tenant, coalesce(given, '{}')) f;
    END IF;
    IF order_by IS NOT NULL THEN
      SELECT f.given, f.terms INTO given, sorting FROM ordercast.order_sql(s, order_by, coalesce(given, '{}')) f;
    END IF;
    -- Nothing but a projection is above the ORDER BY, which keeps it.
    source := format('(SELECT * FROM %s t WHERE %s AND (%s)%s LIMIT $2)', source,
                     coalesce(of_tenant, 'true'), coalesce(condition, 'true'),
                     ' ORDER BY ' || sorting);
  END IF;
  PERFORM set_config('timezone', 'UTC', true), set_config('bytea_output', 'hex', true),
          set_config('intervalstyle', 'iso_8601', true), set_config('extra_float_digits', '1', true),
          set_config('datestyle', 'ISO, YMD', true), set_config('lc_monetary', 'C', true);
  -- OFFSET 0 keeps the two uses of a row from rendering it twice.
  OPEN present NO SCROLL FOR EXECUTE
    format('SELECT r.key, CASE WHEN octet_length(r."row") <= %s THEN r."row" END AS "row", r.tenant FROM (SELECT * FROM %s q OFFSET 0) r',
           max_row_bytes, ordercast.rendered(s, source)) USING given, max_rows;
  RETURN present;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ordercast FROM PUBLIC;
