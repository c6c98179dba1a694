#include "core/decimal.h"

#include <catch2/catch.hpp>

namespace ordercast {
namespace {

TEST_CASE("Decimals compare by value, whatever zeros they are written with", "[decimal]") {
  CHECK(std::is_eq(compare_decimals("1", "1.000")));
  CHECK(std::is_eq(compare_decimals("-0.00", "0")));
  CHECK(std::is_gt(compare_decimals("10", "9")));
  CHECK(std::is_gt(compare_decimals("0.5", "0.05")));
  CHECK(std::is_lt(compare_decimals("-1.5", "-1.49")));
  CHECK(std::is_gt(compare_decimals("0.12345678901234567891", "0.1234567890123456789")));
}

TEST_CASE("Infinities and NaN are in PostgreSQL's order", "[decimal]") {
  CHECK(std::is_lt(compare_decimals("-Infinity", "-99999999999999999999")));
  CHECK(std::is_gt(compare_decimals("Infinity", "99999999999999999999")));
  CHECK(std::is_gt(compare_decimals("NaN", "Infinity")));
  CHECK(std::is_eq(compare_decimals("NaN", "NaN")));
}

TEST_CASE("A client's decimal gets its one text, or is refused", "[decimal]") {
  CHECK(canonical_decimal("+012.50") == "12.5");
  CHECK(canonical_decimal("-0.0") == "0");
  CHECK(canonical_decimal(".5") == "0.5");
  CHECK(canonical_decimal("9.") == "9");
  CHECK(canonical_decimal("-infinity") == "-Infinity");
  CHECK(canonical_decimal("nan") == "NaN");
  for (const auto* bad : {"", "-", ".", "1e5", "1,5", "0x1", "--1", "+-1", "1.2.3", " 1"}) {
    INFO(bad);
    CHECK_FALSE(canonical_decimal(bad));
  }
}

}  // namespace
}  // namespace ordercast
