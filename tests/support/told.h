// The oracle for a client that began when the table was empty, and has been told the last change.
#pragma once

#include <catch2/catch.hpp>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "support/event_client.h"
#include "support/orders_table.h"

namespace ordercast::testing {

// What was committed, by PostgreSQL's own record.
struct Committed {
  explicit Committed(OrdersTable& orders) : seqs(orders.seqs()), rows(orders.rows()) {}
  // Of it what a view is told whose filter, in SQL, is `where`.
  Committed(OrdersTable& orders, const std::string& where)
      : seqs(orders.seqs_of_view(where)), rows(orders.rows(where)) {}
  [[nodiscard]] std::int64_t last_seq() const { return seqs.empty() ? 0 : *seqs.rbegin(); }

  const std::set<std::int64_t> seqs;
  const Rows rows;
};

// Each change once, in an order that can be true, and in the end what the table holds.
inline void check_told_all(const EventClient& client, const Committed& committed) {
  CHECK(client.seqs() == committed.seqs);
  CHECK(client.rows() == committed.rows);
  CHECK(client.faults() == std::vector<std::string>{});
}

}  // namespace ordercast::testing
