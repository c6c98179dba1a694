#include "http/percent.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <string>

namespace ordercast::http {
namespace {

std::string encode_every_byte(const std::string& text) {
  std::string encoded;
  for (const char c : text) {
    char escape[4];
    std::snprintf(escape, sizeof(escape), "%%%02X", static_cast<unsigned char>(c));
    encoded += escape;
  }
  return encoded;
}

}  // namespace

TEST_CASE("what is encoded is fit for a segment or a query, and decodes to what it was") {
  CHECK(percent_encode("in.(paid,\xc3\xa4)&a=b/c") == "in.%28paid%2C%C3%A4%29%26a%3Db%2Fc");
  CHECK(percent_encode("/a b/", "/") == "/a%20b/");
  CHECK(rc::check([](const std::string& text) {
    RC_ASSERT(percent_decode(percent_encode(text), Plus::kSpace) == text);
  }));
}

TEST_CASE("percent escapes decode to bytes") {
  CHECK(percent_decode("a%20b", Plus::kLiteral) == "a b");
  CHECK(percent_decode("%e5%BC%a0", Plus::kLiteral) == "\xe5\xbc\xa0");
  CHECK(percent_decode("%2525", Plus::kLiteral) == "%25");
  CHECK(percent_decode("", Plus::kLiteral) == "");
}

TEST_CASE("a plus is a space in a query only") {
  CHECK(percent_decode("a+b", Plus::kLiteral) == "a+b");
  CHECK(percent_decode("a+b%2B", Plus::kSpace) == "a b+");
}

TEST_CASE("half an escape is refused") {
  for (const char* text : {"%", "%4", "%zz", "%4g", "a%", "%%41", "%u0041", "% 41", "%-1"}) {
    INFO(text);
    CHECK_FALSE(percent_decode(text, Plus::kLiteral));
  }
}

TEST_CASE("any bytes survive encoding and decoding") {
  CHECK(rc::check([](const std::string& text) {
    RC_ASSERT(percent_decode(encode_every_byte(text), Plus::kSpace) == text);
  }));
}

TEST_CASE("control characters hidden from the eye are found") {
  for (const char* text : {"%0d", "%0D", "%0a", "%00", "a%0Ab", "%1f", "%7f", "%7F", "%09",
                           "%u000a", "%u000D", "%u0000", "%%0a", "%4%0a", "%41%0d"}) {
    INFO(text);
    CHECK(hides_control_character(text));
  }
}

TEST_CASE("harmless percent signs are left alone") {
  for (const char* text :
       {"", "%", "%4", "%41", "%20", "100%", "%u", "%u004", "%u0041", "%U000a", "%zz", "%250a"}) {
    INFO(text);
    CHECK_FALSE(hides_control_character(text));
  }
}

TEST_CASE("UTF-8 is what RFC 3629 says") {
  for (const char* text : {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
                           "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    INFO(text);
    CHECK(is_utf8(text));
  }
  for (const char* text :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf", "\xed\xa0\x80",
        "\xe1\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf1\x80\x80",
        "\xfe", "\xff"}) {
    INFO(text);
    CHECK_FALSE(is_utf8(text));
  }
}

}  // namespace ordercast::http
