// Where single requests are served that are no stream: a row read or written, a message published.
// The seam between http and PostgreSQL: pg::DatabaseDesk asks the database, tests have their own.
// Implementations are thread-safe; calls block on I/O.
//
// A row that `scope` does not have is not there, and none can be made of one that is.
//
// Each call names the epoch that the server is in, as for HistoryReader; all throw
// HistoryUnavailable when the database cannot be asked now. Then nothing was written.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/epoch.h"
#include "core/row_scope.h"

namespace ordercast {

// The connection was lost at the very end: written or not, nobody here knows.
struct OutcomeUnknown : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct DeskRow {
  std::vector<std::string> key;  // of each column of the key, PostgreSQL's text
  std::string row;               // JSON object, shaped as Change::new_row
  std::string tag;               // another one after each change of `row`; 32 hex digits
};

// What the database itself said to a write that it did not take.
struct DatabaseRefusal {
  std::string code;  // SQLSTATE (PostgreSQL manual, appendix A)
  std::string message;
  std::string hint;        // empty: none
  std::string constraint;  // its name; empty: it was none
};

struct RowMissing {};  // there is no row with this key
struct RowChanged {    // the row has another tag than was expected
  DeskRow now;
};
struct RowForbidden {};  // the row would be outside the scope; nothing was written
using WriteResult = std::variant<DeskRow, RowMissing, RowChanged, DatabaseRefusal, RowForbidden>;

// What the log keeps, and holds now.
struct LogReach {
  std::int64_t keep_seconds = 0;
  std::optional<std::int64_t> keep_bytes;  // none: no limit
  std::int64_t bytes = 0;
  std::optional<std::string> oldest;  // change that a client can still have: RFC 3339, UTC
  std::string now;                    // the database's clock, which also `at` of a change is by
};

class Desk {
 public:
  virtual ~Desk() = default;

  // nullopt when there is no such row, or a key's text is no value of its type.
  [[nodiscard]] virtual std::optional<DeskRow> find(const Epoch& epoch, std::string_view stream,
                                                    const std::vector<std::string>& key,
                                                    const RowScope& scope) = 0;

  // `columns` is a JSON object. Columns that it does not name get their defaults. Throws
  // OutcomeUnknown.
  [[nodiscard]] virtual WriteResult insert(const Epoch& epoch, std::string_view stream,
                                           std::string_view columns, const RowScope& scope) = 0;
  // Changes the columns that the JSON object names. `tags`: the row must have one of these. Throws
  // OutcomeUnknown.
  [[nodiscard]] virtual WriteResult update(const Epoch& epoch, std::string_view stream,
                                           const std::vector<std::string>& key,
                                           const std::optional<std::vector<std::string>>& tags,
                                           std::string_view columns, const RowScope& scope) = 0;

  // `data` is JSON. `tenant`: whose message it is; none: everybody's. The message's number in the
  // log. Throws OutcomeUnknown.
  [[nodiscard]] virtual std::variant<std::int64_t, DatabaseRefusal> publish(
      const Epoch& epoch, std::string_view stream, std::string_view event, std::string_view data,
      const std::optional<std::string>& tenant) = 0;

  [[nodiscard]] virtual LogReach reach(const Epoch& epoch) = 0;
};

}  // namespace ordercast
