#include "core/json_text.h"

#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>

namespace ordercast {
namespace {

std::string text_of(std::string_view token) {
  std::string scratch;
  return std::string(json_text(token, scratch));
}

TEST_CASE("A JSON string says what its escapes stand for", "[json_text]") {
  CHECK(text_of(R"("plain")") == "plain");
  CHECK(text_of(R"("\"\\\/\b\f\n\r\t")") == "\"\\/\b\f\n\r\t");
  CHECK(text_of(R"("\u00e9 \ud83d\ude00 \u000b")") == "\u00e9 \U0001F600 \v");
}

TEST_CASE("A malformed escape is taken as it stands, nothing throws", "[json_text]") {
  CHECK(text_of(R"("\u12")") == "u12");
  CHECK(text_of(R"("\ud83d!")") == "\xed\xa0\xbd!");
}

TEST_CASE("A token is what PostgreSQL writes", "[json_text]") {
  CHECK(json_token("a\"\\\n\x01\x7f\u00e9") == "\"a\\\"\\\\\\n\\u0001\x7f\u00e9\"");
  rc::prop("a text comes back", [](const std::string& bytes) {
    std::string ascii;
    for (const char c : bytes) ascii += static_cast<char>(c & 0x7F);
    RC_ASSERT(text_of(json_token(ascii)) == ascii);
  });
}

}  // namespace
}  // namespace ordercast
