#include "core/base64url.h"

#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>

namespace ordercast {
namespace {

TEST_CASE("The test vectors of RFC 4648 hold, without padding", "[base64url]") {
  const auto [bytes, text] = GENERATE(table<std::string, std::string>({{"", ""},
                                                                       {"f", "Zg"},
                                                                       {"fo", "Zm8"},
                                                                       {"foo", "Zm9v"},
                                                                       {"foob", "Zm9vYg"},
                                                                       {"fooba", "Zm9vYmE"},
                                                                       {"foobar", "Zm9vYmFy"},
                                                                       {"\xfb\xff\xbf", "-_-_"}}));
  CHECK(base64url_encode(bytes) == text);
  CHECK(base64url_decode(text) == bytes);
}

TEST_CASE("Padding, other alphabets, impossible lengths and stray bits are refused",
          "[base64url]") {
  const auto* text = GENERATE("Zg==", "Zm8=", "+/+/", "Zm9v\n", " Zm9v", "Z", "Zm9vY", "Zh", "Zm9",
                              "Zm\xc3\xa9", "Zm9%");
  CAPTURE(text);
  CHECK_FALSE(base64url_decode(text));
}

TEST_CASE("Bytes and texts map one to one", "[base64url][property]") {
  rc::prop("bytes come back", [](const std::string& bytes) {
    RC_ASSERT(base64url_decode(base64url_encode(bytes)) == bytes);
  });

  rc::prop("a text is refused or the only one for its bytes", [] {
    const auto text =
        *rc::gen::container<std::string>(rc::gen::element('A', 'B', 'Q', 'w', '9', '-', '_'));
    if (const auto bytes = base64url_decode(text)) RC_ASSERT(base64url_encode(*bytes) == text);
  });

  rc::prop("any text is refused or the only one for its bytes", [](const std::string& text) {
    if (const auto bytes = base64url_decode(text)) RC_ASSERT(base64url_encode(*bytes) == text);
  });
}

}  // namespace
}  // namespace ordercast
