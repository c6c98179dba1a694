// Numbers of PostgreSQL's numeric type as text, compared digit by digit, so that none is lost
// however many there are. Pure functions, which allocate nothing to compare.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace ordercast {

// The one text of a number that a client wrote: "12.5" for "+012.50", and for NaN and ±Infinity in
// any case. No exponents: 1e100000 is short to write and long to hold. nullopt: not a number.
[[nodiscard]] std::optional<std::string> canonical_decimal(std::string_view text);

// PostgreSQL's order, which is a total one: -Infinity, numbers, Infinity, NaN. Both are as
// PostgreSQL writes them, or canonical.
[[nodiscard]] std::weak_ordering compare_decimals(std::string_view a, std::string_view b);

}  // namespace ordercast
