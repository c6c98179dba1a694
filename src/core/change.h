// One committed row change, as the triggers recorded it (sql/, table ordercast.change_log). Value
// type.
#pragma once

#include <cstdint>
#include <string>

#include "core/snapshot.h"

namespace ordercast {

// The values are those of the column change_log.op.
enum class Op : char {
  kInsert = 'i',
  kUpdate = 'u',
  kDelete = 'd',
  kTruncate = 't',  // the whole table: becomes `reset` on the stream
  kReload = 'r',    // rows changed otherwise than one by one (columns, partitions): `reset`, too
  kCatalog = 'c',   // the streams were changed by watch or unwatch: read the catalog again
  kMessage = 'm',   // an application's own event: key holds its name, new_row its JSON data
};

// What a client knows of the rows is void.
[[nodiscard]] constexpr bool is_reset(Op op) {
  return op == Op::kTruncate || op == Op::kReload;
}

struct Change {
  std::int64_t seq = 0;  // order inside a batch; unique, never reused
  TransactionId tx = 0;  // the top-level transaction
  std::string stream;
  Op op = Op::kInsert;
  // JSON objects as PostgreSQL wrote them (text, so that no digit is lost); empty where there is
  // none.
  std::string key;
  std::string old_row;
  std::string new_row;
  std::string at;  // when the trigger ran: RFC 3339, UTC, microseconds
  bool truncated =
      false;  // the rows were too large to send and are empty: fetch the row by its key
};

}  // namespace ordercast
