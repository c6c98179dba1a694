#include "http/header_rules.h"

#include <catch2/catch.hpp>

namespace ordercast::http {

TEST_CASE("header names match in any case") {
  CHECK(same_header_name("Last-Event-ID", "lAST-eVENT-id"));
  CHECK_FALSE(same_header_name("Host", "Hos"));
  CHECK_FALSE(same_header_name("Host", "Host "));
  // '@' and '`' differ by the bit that parts upper from lower case, but are no letters.
  CHECK_FALSE(same_header_name("@", "`"));
}

TEST_CASE("tokens are tokens") {
  CHECK(is_token("X-A_b.c~1"));
  for (const char* text : {"", "a b", "a:", "a\t", "(a)", "a/b", "a\"", "\xc3\xa4", "a\x7f"}) {
    INFO(text);
    CHECK_FALSE(is_token(text));
  }
}

TEST_CASE("headers that would break the message are found") {
  CHECK(valid_headers({{"X", "a b\xc3\xa4"}, {"Y", ""}}));
  CHECK_FALSE(valid_headers({{"X", "a\r\nSet-Cookie: b"}}));
  CHECK_FALSE(valid_headers({{"X", "a\nb"}}));
  CHECK_FALSE(valid_headers({{"X", std::string("a\0b", 3)}}));
  CHECK_FALSE(valid_headers({{"X: a\r\nY", "b"}}));
  CHECK_FALSE(valid_headers({{"", "b"}}));
}

}  // namespace ordercast::http
