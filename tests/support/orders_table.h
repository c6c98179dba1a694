// A watched table `orders` in a database of its own, and what it truly holds: the oracle for what
// clients were told. Confined to one thread, except session().
#pragma once

#include <cstdint>
#include <memory>
#include <pqxx/pqxx>
#include <set>
#include <string>

#include "support/event_client.h"
#include "support/test_database.h"

namespace ordercast::testing {

class OrdersTable {
 public:
  // id bigint primary key, merchant int, status text, total numeric, note text.
  OrdersTable();

  [[nodiscard]] TestDatabase& database() { return database_; }
  pqxx::result exec(const std::string& sql) { return database_.exec(sql); }
  [[nodiscard]] std::unique_ptr<pqxx::connection> session() const { return database_.connect(); }

  // The rows for which a condition of SQL holds, spelled as EventClient spells them.
  [[nodiscard]] Rows rows(const std::string& where = "true");
  // The numbers of the committed changes after `seq`.
  [[nodiscard]] std::set<std::int64_t> seqs(std::int64_t after = 0);
  // Of those that a view is told whose filter is the condition: it holds for the row before or
  // after.
  [[nodiscard]] std::set<std::int64_t> seqs_of_view(const std::string& where);
  // How many of these rows, spelled as EventClient spells them, the condition does not hold for.
  [[nodiscard]] int count_outside(const std::set<std::string>& rows, const std::string& where);
  // Of the last committed change; 0 when there is none.
  [[nodiscard]] std::int64_t last_seq();

  // Ends all sessions of Ordercast in this database, and waits for their end; how many there were.
  int terminate_sessions();

 private:
  TestDatabase database_;
};

}  // namespace ordercast::testing
