#include "core/filter_value.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "core/civil_time.h"
#include "core/decimal.h"
#include "core/json_text.h"

namespace ordercast {
namespace {

using Kind = FilterType::Kind;

Kind kind_of(const Column& column) {
  static const std::map<std::string_view, Kind> kKinds{
      {"boolean", Kind::kBoolean},
      {"smallint", Kind::kInteger},
      {"integer", Kind::kInteger},
      {"bigint", Kind::kInteger},
      {"numeric", Kind::kDecimal},
      {"real", Kind::kReal},
      {"double precision", Kind::kDouble},
      {"text", Kind::kText},
      {"character varying", Kind::kText},
      {"name", Kind::kText},
      {"character", Kind::kPaddedText},
      {"uuid", Kind::kUuid},
      {"date", Kind::kDate},
      {"time without time zone", Kind::kTime},
      {"timestamp without time zone", Kind::kTimestamp},
      {"timestamp with time zone", Kind::kTimestamptz},
      {"jsonb", Kind::kJsonb},
  };
  if (!column.labels.empty()) return Kind::kEnum;
  const auto found = kKinds.find(column.base);
  return found == kKinds.end() ? Kind::kOther : found->second;
}

int bits_of(const std::string& base) {
  if (base == "smallint") return 16;
  return base == "integer" ? 32 : 64;
}

std::string_view without_padding(std::string_view text) {
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

// from_chars takes no plus sign.
std::string_view without_plus(std::string_view text) {
  return text.size() > 1 && text[0] == '+' && text[1] != '-' ? text.substr(1) : text;
}

// from_chars rounds correctly, as PostgreSQL's strtod and strtof do; a float4 is exact as a double.
template <typename Float>
std::optional<double> parse_float(std::string_view text) {
  text = without_plus(text);
  Float value = 0;
  const auto* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc{} || parsed.ptr != end || text.empty()) return std::nullopt;
  return value;
}

std::optional<double> parse_float(Kind kind, std::string_view text) {
  return kind == Kind::kReal ? parse_float<float>(text) : parse_float<double>(text);
}

std::string float_text(Kind kind, double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  if (value == 0) return "0";  // also for -0, its equal
  return kind == Kind::kReal ? fmt::format("{}", static_cast<float>(value))
                             : fmt::format("{}", value);
}

// PostgreSQL's order: NaN equals itself and is above all.
std::weak_ordering compare_floats(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) <=> std::isnan(b);
  if (a == b) return std::weak_ordering::equivalent;
  return a < b ? std::weak_ordering::less : std::weak_ordering::greater;
}

// The one text of a uuid: lower case, with hyphens. As text it compares as its bytes do.
std::optional<std::string> canonical_uuid(std::string_view text) {
  constexpr std::string_view kForm = "00000000-0000-0000-0000-000000000000";
  if (text.size() != kForm.size()) return std::nullopt;
  std::string uuid(text);
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    auto& c = uuid[i];
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c + ('a' - 'A'));
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (kForm[i] == '-' ? c != '-' : !hex) return std::nullopt;
  }
  return uuid;
}

template <typename Value>
Value require(std::optional<Value> value, const char* expected) {
  if (!value) throw BadValue(expected);
  return *std::move(value);
}

// A day, a time of day, or both.
Operand parse_moment(Kind kind, std::string_view text) {
  if (kind == Kind::kDate) {
    const auto days = require(parse_date(text, TimeSource::kClient),
                              "a date such as 2026-01-31, infinity or -infinity");
    return {days, date_text(days)};
  }
  if (kind == Kind::kTime) {
    const auto time = require(parse_time(text), "a time such as 15:04 or 15:04:05.678901");
    return {time, time_text(time)};
  }
  if (kind == Kind::kTimestamp) {
    const auto time =
        require(parse_timestamp(text, TimeSource::kClient, TimeZone::kNone),
                "a date, or date and time without offset, such as 2026-01-31T15:04:05.678901, "
                "infinity or -infinity");
    return {time, timestamp_text(time)};
  }
  const auto time =
      require(parse_timestamp(text, TimeSource::kClient, TimeZone::kTaken),
              "a date, or date and time, such as 2026-01-31T15:04:05Z or "
              "2026-01-31T15:04:05.678901+02:00 (in a URL, + is written %2B), infinity or "
              "-infinity");
  const bool finite = time != kLateInfinity && time != kEarlyInfinity;
  return {time, timestamp_text(time) + (finite ? "Z" : "")};
}

// A token's text, whether it is a string or bare.
std::string_view text_of(std::string_view token, std::string& scratch) {
  return token.starts_with('"') ? json_text(token, scratch) : token;
}

}  // namespace

FilterType::FilterType(const Column& column)
    : kind_(kind_of(column)), bits_(bits_of(column.base)), labels_(column.labels) {}

Operand FilterType::parse(std::string_view text) const {
  switch (kind_) {
    case Kind::kBoolean:
      if (text != "true" && text != "false") throw BadValue("true or false");
      return {std::int64_t{text == "true"}, std::string(text)};
    case Kind::kInteger: {
      const auto value = parse_integer(text);
      return {value, std::to_string(value)};
    }
    case Kind::kDecimal: {
      auto value = require(canonical_decimal(text),
                           "a decimal number such as 12.50, without an exponent, or NaN, Infinity, "
                           "-Infinity");
      return {value, value};
    }
    case Kind::kReal:
    case Kind::kDouble: {
      const auto value = require(parse_float(kind_, text),
                                 "a number within the type's range such as 12.5 or 1e-3, or NaN, "
                                 "Infinity, -Infinity");
      return {value, float_text(kind_, value)};
    }
    case Kind::kPaddedText:
      text = without_padding(text);
      [[fallthrough]];
    case Kind::kText:
      return {std::string(text), std::string(text)};
    case Kind::kUuid: {
      auto value =
          require(canonical_uuid(text), "a uuid such as 0f8fad5b-d9cb-469f-a165-70867728950e");
      return {value, value};
    }
    case Kind::kEnum: {
      const auto rank = rank_of(text);
      if (!rank) throw BadValue(fmt::format("one of {}", fmt::join(labels_, ", ")));
      return {*rank, std::string(text)};
    }
    case Kind::kDate:
    case Kind::kTime:
    case Kind::kTimestamp:
    case Kind::kTimestamptz:
      return parse_moment(kind_, text);
    case Kind::kJsonb:
    case Kind::kOther:
      break;
  }
  throw std::logic_error("a value of a type that has no comparisons");
}

std::optional<RowValue> FilterType::read(std::string_view token, std::string& scratch) const {
  switch (kind_) {
    case Kind::kBoolean:
      return std::int64_t{token == "true"};
    case Kind::kInteger: {
      const auto text = text_of(token, scratch);
      std::int64_t value = 0;
      const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
      if (parsed.ec != std::errc{}) return std::nullopt;
      return value;
    }
    case Kind::kReal:
    case Kind::kDouble:
      return parse_float(kind_, text_of(token, scratch));
    case Kind::kPaddedText:
      return without_padding(text_of(token, scratch));
    case Kind::kDecimal:
    case Kind::kText:
    case Kind::kUuid:
      return text_of(token, scratch);
    case Kind::kEnum:
      return rank_of(text_of(token, scratch));
    case Kind::kDate:
      return parse_date(text_of(token, scratch), TimeSource::kRow);
    case Kind::kTime:
      return parse_time(text_of(token, scratch));
    case Kind::kTimestamp:
      return parse_timestamp(text_of(token, scratch), TimeSource::kRow, TimeZone::kNone);
    case Kind::kTimestamptz:
      return parse_timestamp(text_of(token, scratch), TimeSource::kRow, TimeZone::kTaken);
    case Kind::kJsonb:
    case Kind::kOther:
      break;
  }
  return std::nullopt;
}

std::weak_ordering FilterType::compare(const RowValue& row, const Operand& operand) const {
  if (const auto* number = std::get_if<std::int64_t>(&row)) {
    return *number <=> std::get<std::int64_t>(operand.value);
  }
  if (const auto* number = std::get_if<double>(&row)) {
    return compare_floats(*number, std::get<double>(operand.value));
  }
  const auto text = std::get<std::string_view>(row);
  const std::string_view other = std::get<std::string>(operand.value);
  // UTF-8 as bytes is in the order of its code points.
  return kind_ == Kind::kDecimal ? compare_decimals(text, other) : text <=> other;
}

std::optional<std::string> FilterType::only_token(const Operand& operand) const {
  switch (kind_) {
    case Kind::kBoolean:
      return operand.text;
    case Kind::kInteger:
      return bits_ == 64 ? json_token(operand.text) : operand.text;
    case Kind::kText:
    case Kind::kUuid:
    case Kind::kEnum:
      return json_token(operand.text);
    default:
      return std::nullopt;
  }
}

std::int64_t FilterType::parse_integer(std::string_view text) const {
  text = without_plus(text);
  const auto max = static_cast<std::int64_t>((std::uint64_t{1} << (bits_ - 1)) - 1);
  const auto min = -max - 1;
  std::int64_t value = 0;
  const auto* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc{} || parsed.ptr != end || value < min || value > max) {
    throw BadValue(fmt::format("an integer from {} to {}", min, max));
  }
  return value;
}

std::optional<std::int64_t> FilterType::rank_of(std::string_view label) const {
  const auto found = std::find(labels_.begin(), labels_.end(), label);
  if (found == labels_.end()) return std::nullopt;
  return found - labels_.begin();
}

}  // namespace ordercast
