#include "pg/schema_checks.h"

#include <fmt/format.h>

#include <map>
#include <string>

#include "pg/log_queries.h"
#include "pg/schema.h"

namespace ordercast::pg {
namespace {

// The columns: stream, its table, the member of it (null: the table is gone), the trigger, how it
// is enabled (null: it is not there). A reader may not read ordercast.stream, and to_regclass()
// refuses names of schemas that one may not use: hence the look into pg_class.
constexpr char kTriggers[] = R"(
  WITH stream AS (
    SELECT c.name, c.table_name, t.relation
      FROM ordercast.catalog c
      LEFT JOIN (SELECT r.oid AS relation, format('%I.%I', n.nspname, r.relname) AS full_name
                   FROM pg_class r JOIN pg_namespace n ON n.oid = r.relnamespace) t
             ON t.full_name = c.table_name
  ), member AS (
    SELECT s.name, s.table_name, m.relation
      FROM stream s
      CROSS JOIN LATERAL (SELECT s.relation UNION SELECT relid FROM pg_partition_tree(s.relation)) m(relation)
  )
  SELECT m.name, m.table_name, m.relation::regclass::text, 'ordercast_' || e.event, g.tgenabled
    FROM member m
    CROSS JOIN unnest('{insert,update,delete,truncate}'::text[]) WITH ORDINALITY AS e(event, position)
    LEFT JOIN pg_trigger g ON g.tgrelid = m.relation AND g.tgname = 'ordercast_' || e.event
   ORDER BY m.name, m.relation, e.position)";

// What a node reads and calls. The order desk's functions are for `serve --desk`; grant_reader()
// gives them as well.
constexpr char kMissingRights[] = R"(
  SELECT 'use the schema' WHERE NOT has_schema_privilege('ordercast', 'USAGE')
  UNION ALL
  SELECT 'read ordercast.' || relname FROM pg_class
   WHERE relnamespace = 'ordercast'::regnamespace AND NOT has_table_privilege(oid, 'SELECT')
     AND relname IN ('history', 'change_log', 'catalog', 'schema_version', 'revocations',
                     'revocation_changes', 'watermarks')
  UNION ALL
  SELECT 'call ordercast.' || proname FROM pg_proc
   WHERE pronamespace = 'ordercast'::regnamespace AND NOT has_function_privilege(oid, 'EXECUTE')
     AND proname IN ('open_rows', 'prune', 'retention', 'recognise', 'wake_key', 'arm', 'disarm',
                     'set_watermark', 'present_row', 'write_statements', 'write_row',
                     'post_message'))";

Finding trigger_trouble(const pqxx::row& row) {
  const std::string stream = row[0].c_str();
  if (row[2].is_null()) {
    return error(
        fmt::format("stream {}: its table, {}, is not there any more", stream, row[1].c_str()),
        fmt::format("ordercast unwatch {}", stream));
  }
  const std::string member = row[2].c_str();
  const std::string trigger = row[3].c_str();
  if (row[4].is_null()) {
    return error(
        fmt::format("stream {}: {} has no trigger {}: such changes are not seen", stream, member,
                    trigger),
        fmt::format("ordercast watch {} again, with the options that it has", row[1].c_str()));
  }
  const auto mend = fmt::format("ALTER TABLE {} ENABLE ALWAYS TRIGGER {};", member, trigger);
  if (row[4].as<std::string>() == "O") {
    return warning(fmt::format("stream {}: the trigger {} of {} does not see what replication "
                               "writes (session_replication_role = replica)",
                               stream, trigger, member),
                   mend);
  }
  return error(fmt::format("stream {}: the trigger {} of {} is disabled: such changes are not seen",
                           stream, trigger, member),
               mend);
}

}  // namespace

Findings check_schema(const Patient& patient) {
  try {
    require_schema(patient.connection);
  } catch (const SchemaMismatch& problem) {
    const bool newer = problem.code() == "schema_too_new";
    return {error(problem.what(), newer ? "Install the newer ordercast." : "ordercast migrate")};
  }
  return {fine(fmt::format("version {}, as this ordercast needs it",
                           read_schema_version(patient.connection).version))};
}

Findings check_rights(const Patient& patient) {
  pqxx::nontransaction query(patient.connection);
  const auto role = query.exec1(
      "SELECT current_user, quote_literal(current_user), pg_has_role(n.nspowner, 'USAGE'),"
      "  quote_ident(pg_get_userbyid(n.nspowner))"
      " FROM (SELECT to_regnamespace('ordercast')) s(oid) LEFT JOIN pg_namespace n USING (oid)");
  if (role[3].is_null()) return {};
  std::string missing;
  for (const auto& row : query.exec(kMissingRights)) {
    missing += (missing.empty() ? "" : ", ") + row[0].as<std::string>();
  }
  if (!missing.empty()) {
    return {error(fmt::format("the role {} may not {}", role[0].c_str(), missing),
                  fmt::format("As {}: SELECT ordercast.grant_reader({});", role[3].c_str(),
                              role[1].c_str()))};
  }
  return {fine(fmt::format("the role {} may read the log{}", role[0].c_str(),
                           role[2].as<bool>() ? ", and owns it; a node needs no more than "
                                                "ordercast.grant_reader() gives"
                                              : ", and no more"))};
}

Findings check_triggers(const Patient& patient) {
  Findings findings;
  std::map<std::string, bool> streams;  // whether there is trouble
  std::string gone;
  for (const auto& row : pqxx::nontransaction(patient.connection).exec(kTriggers)) {
    const std::string stream = row[0].c_str();
    bool& trouble = streams[stream];
    if (!row[4].is_null() && row[4].as<std::string>() == "A") continue;
    trouble = true;
    if (row[2].is_null() && std::exchange(gone, stream) == stream) continue;  // once is enough
    findings.push_back(trigger_trouble(row));
  }
  for (const auto& [stream, trouble] : streams) {
    if (!trouble) findings.push_back(fine(fmt::format("stream {}: every change is seen", stream)));
  }
  if (streams.empty()) {
    findings.push_back(warning("no table is watched", "ordercast watch TABLE"));
  }
  return findings;
}

Findings check_follows_ddl(const Patient& patient) {
  const auto enabled =
      pqxx::nontransaction(patient.connection)
          .exec1(
              "SELECT count(*) FROM pg_event_trigger WHERE evtenabled IN ('O', 'A') AND evtname IN "
              "('ordercast_follow_ddl', 'ordercast_follow_drop', 'ordercast_note_rewrite')")[0]
          .as<int>();
  if (enabled == 3) return {fine("ALTER TABLE of a watched table is followed by itself")};
  return {
      warning("ALTER TABLE of a watched table is not followed by itself: only a superuser can "
              "install, or enable, event triggers",
              "After such a change: ordercast watch TABLE again, with the options that it has; "
              "or let a superuser ALTER EVENT TRIGGER ordercast_follow_ddl ENABLE (and "
              "ordercast_follow_drop, ordercast_note_rewrite).")};
}

}  // namespace ordercast::pg
