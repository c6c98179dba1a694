// A column's type as filters know it: how a value of it is read, from a client and from a row, and
// how two compare, as in PostgreSQL. Immutable, thread-safe.
//
// To filters all types of text are one (text, varchar, name), and so are those that they can only
// ask for NULL: arrays, ranges, composites, json, and whatever extensions bring.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/stream_info.h"

namespace ordercast {

// A client's value that the type does not have; what() says what it takes: "an integer from …".
struct BadValue : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

// What a client gave: the value, and its one canonical text, which PostgreSQL reads as the same.
// Integers, booleans, places in an enum, days and microseconds are the first alternative.
struct Operand {
  std::variant<std::int64_t, double, std::string> value;
  std::string text;
};

// What a row has; text is a view into the row or into the scratch buffer.
using RowValue = std::variant<std::int64_t, double, std::string_view>;

class FilterType {
 public:
  enum class Kind {
    kBoolean,
    kInteger,
    kDecimal,
    kReal,
    kDouble,
    kText,
    kPaddedText,  // character(n), whose trailing spaces do not count
    kUuid,
    kEnum,
    kDate,
    kTime,
    kTimestamp,
    kTimestamptz,
    kJsonb,  // has paths
    kOther
  };

  explicit FilterType(const Column& column);
  // What a path into jsonb leads to: the text of ->>, the number of ->.
  static FilterType text() { return FilterType(Kind::kText); }
  static FilterType number() { return FilterType(Kind::kDecimal); }

  [[nodiscard]] Kind kind() const { return kind_; }
  // eq, lt, in, …; else only `is.null`.
  [[nodiscard]] bool comparable() const { return kind_ != Kind::kJsonb && kind_ != Kind::kOther; }
  // like, ilike, match.
  [[nodiscard]] bool textual() const { return kind_ == Kind::kText || kind_ == Kind::kPaddedText; }

  // Throws BadValue. The type is comparable.
  [[nodiscard]] Operand parse(std::string_view text) const;
  // `token` is a row's JSON, not null. nullopt when it is not of this type, as when an enum has got
  // a new label: such a value compares as unknown.
  [[nodiscard]] std::optional<RowValue> read(std::string_view token, std::string& scratch) const;
  [[nodiscard]] std::weak_ordering compare(const RowValue& row, const Operand& operand) const;

  // The JSON token of every row whose value equals the operand; nullopt where equal values have
  // several (1.0 and 1.00).
  [[nodiscard]] std::optional<std::string> only_token(const Operand& operand) const;

 private:
  explicit FilterType(Kind kind) : kind_(kind) {}

  [[nodiscard]] std::int64_t parse_integer(std::string_view text) const;
  [[nodiscard]] std::optional<std::int64_t> rank_of(std::string_view label) const;

  Kind kind_;
  int bits_ = 0;                     // of integers
  std::vector<std::string> labels_;  // of enums
};

}  // namespace ordercast
