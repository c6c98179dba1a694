#include "core/decimal.h"

#include <algorithm>

namespace ordercast {
namespace {

constexpr std::string_view kDigits = "0123456789";

// A number without its padding: neither leading zeros nor zeros at the end of the fraction.
struct Parts {
  int rank;  // -2 -Infinity, -1 negative, 0 zero, 1 positive, 2 Infinity, 3 NaN
  std::string_view whole;
  std::string_view fraction;
};

Parts parts_of(std::string_view text) {
  if (text == "NaN") return {3, {}, {}};
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text == "Infinity") return {negative ? -2 : 2, {}, {}};
  const auto point = std::min(text.find('.'), text.size());
  auto whole = text.substr(0, point);
  auto fraction = text.substr(std::min(point + 1, text.size()));
  whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
  fraction = fraction.substr(0, fraction.find_last_not_of('0') + 1);
  if (whole.empty() && fraction.empty()) return {0, {}, {}};
  return {negative ? -1 : 1, whole, fraction};
}

bool equals_any_case(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

}  // namespace

std::optional<std::string> canonical_decimal(std::string_view text) {
  if (equals_any_case(text, "nan")) return "NaN";
  std::string sign;
  if (text.starts_with('-')) sign = "-";
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (equals_any_case(text, "infinity")) return sign + "Infinity";
  const auto point = std::min(text.find('.'), text.size());
  const auto fraction = text.substr(std::min(point + 1, text.size()));
  const bool has_digits = point > 0 || !fraction.empty();
  if (!has_digits || text.substr(0, point).find_first_not_of(kDigits) != text.npos ||
      fraction.find_first_not_of(kDigits) != fraction.npos) {
    return std::nullopt;
  }
  const auto parts = parts_of(text);
  if (parts.rank == 0) return "0";
  auto canonical = sign + (parts.whole.empty() ? "0" : std::string(parts.whole));
  if (!parts.fraction.empty()) canonical.append(1, '.').append(parts.fraction);
  return canonical;
}

std::weak_ordering compare_decimals(std::string_view a, std::string_view b) {
  const auto x = parts_of(a);
  const auto y = parts_of(b);
  if (x.rank != y.rank) return x.rank <=> y.rank;
  // Of two negative numbers the one with more to it is the lower.
  const auto& first = x.rank < 0 ? y : x;
  const auto& second = x.rank < 0 ? x : y;
  if (first.whole.size() != second.whole.size()) return first.whole.size() <=> second.whole.size();
  if (first.whole != second.whole) return first.whole <=> second.whole;
  return first.fraction <=> second.fraction;
}

}  // namespace ordercast
