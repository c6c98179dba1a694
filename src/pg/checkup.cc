#include "pg/checkup.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "pg/connection.h"
#include "pg/conninfo.h"
#include "pg/load_checks.h"
#include "pg/schema_checks.h"
#include "pg/server_checks.h"

namespace ordercast::pg {
namespace {

// A check is a few look-ups in the catalog.
constexpr std::chrono::seconds kLookLimit{10};

struct Check {
  const char* name;
  Findings (*look)(const Patient&);
  bool needs_schema = false;
};

constexpr const char* kSchema = "schema";

constexpr std::array kChecks = {
    Check{"server", check_server},
    Check{"transport", check_transport},
    Check{"pooler", check_pooler},
    Check{"connections", check_connections},
    Check{"clock", check_clock},
    Check{"rights", check_rights},
    Check{kSchema, check_schema},
    Check{"triggers", check_triggers, true},
    Check{"ddl", check_follows_ddl, true},
    Check{"wake", check_wake, true},
    Check{"notify_queue", check_notify_queue},
    Check{"transactions", check_transactions},
    Check{"retention", check_retention, true},
};

Findings look(const Check& check, const Patient& patient) {
  const auto in_vain = [](const std::exception& problem) {
    return warning(fmt::format("could not be looked at: {}", problem.what()),
                   "Mend what else is found, or run this as the role that owns the schema.");
  };
  Findings found;
  try {
    found = check.look(patient);
  } catch (const pqxx::sql_error& problem) {
    found = {in_vain(problem)};
  } catch (const ConnectionFailed& problem) {  // a second one; the first is there
    found = {in_vain(problem)};
  }
  for (auto& finding : found) finding.check = check.name;
  return found;
}

bool all_fine(const Findings& findings) {
  for (const auto& finding : findings) {
    if (finding.severity != Severity::kOk) return false;
  }
  return true;
}

Finding unreachable(const ConnectionFailed& problem) {
  const bool unfit = dynamic_cast<const DatabaseUnfit*>(&problem) != nullptr;
  auto finding = error(problem.what(), unfit ? "Use another database, or upgrade this one."
                                             : "Correct --database, start the server, or let it "
                                               "accept this host and role (pg_hba.conf).");
  finding.check = kChecks.front().name;
  return finding;
}

}  // namespace

Findings examine(const std::string& conninfo, const CheckupOptions& options) {
  Findings findings;
  try {
    const auto connection = connect(
        conninfo, {.application_name = "ordercast-doctor", .statement_timeout = kLookLimit});
    const Patient patient{*connection, conninfo, options};
    bool schema_fits = false;
    for (const auto& check : kChecks) {
      if (check.needs_schema && !schema_fits) continue;
      auto found = look(check, patient);
      if (check.name == kSchema) schema_fits = all_fine(found);
      findings.insert(findings.end(), std::make_move_iterator(found.begin()),
                      std::make_move_iterator(found.end()));
    }
  } catch (const ConnectionFailed& problem) {
    findings.push_back(unreachable(problem));
  } catch (const pqxx::broken_connection& problem) {
    findings.push_back(unreachable(ConnectionFailed(problem.what())));
  }
  return findings;
}

}  // namespace ordercast::pg
