#include "core/filter_pattern.h"

#include <catch2/catch.hpp>
#include <string>

namespace ordercast {
namespace {

using Syntax = FilterPattern::Syntax;

bool like(std::string_view pattern, std::string_view text) {
  return FilterPattern(Syntax::kLike, pattern).matches(text);
}
bool ilike(std::string_view pattern, std::string_view text) {
  return FilterPattern(Syntax::kIlike, pattern).matches(text);
}
bool match(std::string_view pattern, std::string_view text) {
  return FilterPattern(Syntax::kMatch, pattern).matches(text);
}

TEST_CASE("like covers the whole text, % and * any part of it, _ one character",
          "[filter_pattern]") {
  CHECK(like("NB-*", "NB-000255"));
  CHECK(like("%\n%", "a\nb"));
  CHECK(like("_", "\U0001F600"));
  CHECK_FALSE(like("a", "ab"));
  CHECK_FALSE(like("A%", "ab"));
  CHECK(like("100\\%", "100%"));
  CHECK_FALSE(like("100\\%", "100x"));
  CHECK(like("a\\*b", "a*b"));
  CHECK_FALSE(like("a\\*b", "axb"));
  CHECK(like("a.b|c", "a.b|c"));
  CHECK(FilterPattern(Syntax::kLike, "**a\\*_").sql() == "%a\\*_");
}

TEST_CASE("ilike folds A to Z and nothing else", "[filter_pattern]") {
  CHECK(ilike("m\u00fcl*", "M\u00fcller"));
  CHECK_FALSE(ilike("\u00e4*", "\u00c4rger"));
  CHECK_FALSE(ilike("k", "\u212a"));  // the Kelvin sign, a k to Unicode
}

TEST_CASE("match finds a regular expression anywhere", "[filter_pattern]") {
  CHECK(match("^NB-\\d{6}$", "NB-000255"));
  CHECK(match("a.b", "xa\nby"));
  CHECK(match("[^\\w\\s]", "a b-c"));
  CHECK(match("(ab|cd)+$", "xxabcd"));
  CHECK(match("[\\]\\-^]", "^"));
  CHECK(match("\u00e9{2}", "\u00e9\u00e9"));
  CHECK_FALSE(match("^b", "a\nb"));
  CHECK_FALSE(match("\\w", "\u00e9"));
}

TEST_CASE("What the two engines might read differently is refused, and where", "[filter_pattern]") {
  const auto [pattern, offset] = GENERATE(table<std::string, std::size_t>({
      {"a**", 2},    {"*a", 0},    {"a{2}{3}", 4}, {"a{101}", 1},      {"a{3,2}", 1},
      {"a{,2}", 1},  {"(?=a)", 1}, {"(?i)a", 1},   {"(a", 2},          {"a)", 1},
      {"[a", 2},     {"[]", 1},    {"[z-a]", 1},   {"[[:alpha:]]", 1}, {"\\1", 1},
      {"\\bfoo", 1}, {"a\\", 2},   {"^*", 1},      {"(a{2}b){3}", 7},  {"|a", 0},
      {"a|", 2},     {"()", 1},    {"a*?", 2},     {"[\\D]", 1},
  }));
  CAPTURE(pattern);
  try {
    const FilterPattern parsed(Syntax::kMatch, pattern);
    FAIL("was taken");
  } catch (const BadPattern& bad) {
    CHECK(bad.offset == offset);
  }
}

TEST_CASE("A like pattern that ends in the middle of an escape is refused", "[filter_pattern]") {
  CHECK_THROWS_AS(FilterPattern(Syntax::kLike, "a\\"), BadPattern);
}

TEST_CASE("Groups in each other are bounded", "[filter_pattern]") {
  CHECK_THROWS_AS(
      FilterPattern(Syntax::kMatch, std::string(100, '(') + 'a' + std::string(100, ')')),
      BadPattern);
}

TEST_CASE("No pattern takes more than time in proportion to the text", "[filter_pattern]") {
  // Backtracking engines, and those of C++, need ages or their whole stack for these.
  const std::string text(1'000'000, 'a');
  CHECK_FALSE(match("(a*)*b", text));
  CHECK_FALSE(match("(a|a)*(a|a)*(a|a)*b$", text));
  CHECK_FALSE(like("%a%a%a%a%a%a%a%a%b", text));
}

}  // namespace
}  // namespace ordercast
