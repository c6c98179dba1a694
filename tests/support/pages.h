// Pages of the log, in a line.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>

#include "core/batch.h"

namespace ordercast::testing {

// What a reader has that came when all ids below `xmax` had ended.
inline Position quiet_at(TransactionId xmax) {
  return {{xmax, xmax, {}}, std::nullopt};
}

struct Written {
  std::int64_t seq;
  TransactionId tx;
  std::string stream = "orders";
};

// The page after `from`, up to a snapshot where all below `xmax` had ended.
inline BatchPtr page_of(const Position& from, TransactionId xmax,
                        std::initializer_list<Written> written, bool complete = true) {
  Batch batch{from, {xmax, xmax, {}}, complete, {}};
  for (const auto& each : written) {
    Change change;
    change.seq = each.seq;
    change.tx = each.tx;
    change.stream = each.stream;
    change.key = R"({"id":1})";
    change.new_row = R"({"id":1,"status":"paid"})";
    batch.changes.push_back(std::move(change));
  }
  return std::make_shared<const Batch>(std::move(batch));
}

}  // namespace ordercast::testing
