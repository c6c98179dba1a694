// One committed row change, as the triggers recorded it (sql/, table ordercast.change_log). Value
// type.
#pragma once

#include <cstdint>
#include <optional>
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
  kMessage = 'm',   // an application's own event: key holds its name, new_row its JSON data
  kCatalog = 'c',   // the streams were changed by watch or unwatch: read the catalog again
};

// What a client knows of the rows is void.
[[nodiscard]] constexpr bool is_reset(Op op) {
  return op == Op::kTruncate || op == Op::kReload;
}

// It happened to one row.
[[nodiscard]] constexpr bool is_of_row(Op op) {
  return op == Op::kInsert || op == Op::kUpdate || op == Op::kDelete;
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
  // Whose the rows are: the tenant column's text, from columns of the log and not from the JSON
  // above. Of a message, new_tenant. None where there is no such row, where it is nobody's, and
  // where the log does not say.
  std::optional<std::string> old_tenant = std::nullopt;
  std::optional<std::string> new_tenant = std::nullopt;
};

}  // namespace ordercast
