#include "pg/wake_queries.h"

#include <fmt/format.h>

#include <stdexcept>
#include <string>

namespace ordercast::pg {

bool can_prepare_transactions(pqxx::connection& connection) {
  pqxx::nontransaction query(connection);
  return query.exec1("SELECT current_setting('max_prepared_transactions') <> '0'")[0].as<bool>();
}

Guard arm(pqxx::connection& connection) {
  pqxx::nontransaction query(connection);
  const auto guard = query.exec1("SELECT ordercast.arm()")[0].as<std::string>();
  if (guard == "none") return Guard::kNone;
  if (guard == "own") return Guard::kOwn;
  if (guard == "other") return Guard::kOther;
  throw std::runtime_error(fmt::format("ordercast.arm() says '{}'", guard));
}

void disarm(pqxx::connection& connection) {
  pqxx::nontransaction(connection).exec("SELECT ordercast.disarm()");
}

}  // namespace ordercast::pg
