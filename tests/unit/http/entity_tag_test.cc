#include "http/entity_tag.h"

#include <catch2/catch.hpp>

namespace ordercast::http {

using Tags = std::vector<std::string>;

TEST_CASE("a tag is quoted") {
  CHECK(entity_tag("a1") == "\"a1\"");
}

TEST_CASE("If-Match names tags, or whatever is there") {
  CHECK(parse_if_match("*")->any);
  const auto one = parse_if_match("\"a1\"");
  REQUIRE(one);
  CHECK_FALSE(one->any);
  CHECK(one->tags == Tags{"a1"});
  CHECK(parse_if_match(" \"a\" ,\t\"b,c\"")->tags == Tags{"a", "b,c"});
}

TEST_CASE("a weak tag never matches, but is no error") {
  CHECK(parse_if_match("W/\"a\"")->tags == Tags{});
  CHECK(parse_if_match("W/\"a\", \"b\"")->tags == Tags{"b"});
}

TEST_CASE("a malformed If-Match is none") {
  for (const auto* value :
       {"", "a1", "\"a", "\"a\" \"b\"", "\"a\",", "**", "*, \"a\"", "w/\"a\""}) {
    INFO(value);
    CHECK_FALSE(parse_if_match(value));
  }
}

}  // namespace ordercast::http
