// Whose rows a view shows, and nobody else's: the value of a stream's tenant column, as whoever
// asks was granted it (core/grant.h). An immutable value.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "core/row.h"
#include "core/snapshot.h"
#include "core/stream_info.h"

namespace ordercast {

// A stream cannot be shown to one tenant; what() says why, for whoever asks.
struct NotDivided : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Tenant {
  std::string column;
  std::string value;  // as PostgreSQL prints it: what the log's columns say
  std::string token;  // as it stands in a row's JSON
  // The changes of earlier transactions were logged before the log said whose they are by this
  // column.
  TransactionId since = 0;

  // Throws NotDivided: the stream has no tenant column, equal values of its type have several
  // texts, or `value` is none of it as PostgreSQL prints them ("007" of an integer).
  [[nodiscard]] static Tenant of(const StreamInfo& stream, std::string_view value);

  // By the row's JSON.
  [[nodiscard]] bool owns(const Row& row) const { return row.find(column) == token; }
};

}  // namespace ordercast
