// The stream `orders` as a catalog has it, and its changes in a line: for tests of views, without a
// database.
#pragma once

#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "core/filter.h"
#include "core/parsed_batch.h"
#include "core/stream_info.h"

namespace ordercast::testing {

inline StreamInfo orders_stream() {
  return {.name = "orders",
          .table = "public.orders",
          .key = {"id"},
          .columns = {{.name = "id", .type = "bigint", .base = "bigint"},
                      {.name = "merchant_id", .type = "integer", .base = "integer"},
                      {.name = "status", .type = "text", .base = "text"},
                      {.name = "total", .type = "numeric(10,2)", .base = "numeric"},
                      {.name = "Ship to", .type = "jsonb", .base = "jsonb"}},
          .tenant = ""};
}

inline Filter orders_filter(const std::vector<Parameter>& parameters) {
  return Filter::parse(parameters, orders_stream());
}

struct Order {
  int id = 1;
  int merchant_id = 4;
  std::string status = "paid";
  std::string total = "9.90";

  [[nodiscard]] std::string row() const {
    return fmt::format(
        R"({{"id":"{}","merchant_id":{},"status":"{}","total":"{}","Ship to":{{"city": "Rye"}}}})",
        id, merchant_id, status, total);
  }
};

inline Change change_of(Op op, std::int64_t seq = 1, TransactionId tx = 5) {
  Change change;
  change.seq = seq;
  change.tx = tx;
  change.stream = "orders";
  change.op = op;
  change.at = "2026-11-23T17:56:29.123456Z";
  return change;
}

inline Change insert_of(const Order& order) {
  auto change = change_of(Op::kInsert);
  change.key = fmt::format(R"({{"id":"{}"}})", order.id);
  change.new_row = order.row();
  return change;
}

inline Change update_of(const Order& before, const Order& after) {
  auto change = insert_of(after);
  change.op = Op::kUpdate;
  change.old_row = before.row();
  return change;
}

inline Change delete_of(const Order& order) {
  auto change = insert_of(order);
  change.op = Op::kDelete;
  std::swap(change.old_row, change.new_row);
  return change;
}

inline Change message_of(const std::string& name, const std::string& data) {
  auto change = change_of(Op::kMessage);
  change.key = fmt::format(R"({{"event":"{}"}})", name);
  change.new_row = data;
  return change;
}

inline Change too_large(Change change) {
  change.old_row = change.new_row = "";
  change.truncated = true;
  return change;
}

// All in one batch, which a reader at {5, 5} has not had; numbered from 1.
inline ParsedBatch batch_of(std::vector<Change> changes) {
  std::int64_t seq = 0;
  for (auto& change : changes) change.seq = ++seq;
  return ParsedBatch(std::make_shared<const Batch>(
      Batch{{{5, 5, {}}, std::nullopt}, {9, 9, {}}, true, std::move(changes)}));
}

}  // namespace ordercast::testing
