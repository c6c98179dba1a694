#include "core/terminal_text.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

namespace ordercast {

TEST_CASE("what a terminal obeys is shown, not obeyed") {
  CHECK(terminal_text("\x1b[2J\x1b]0;owned\x07") == "\\x1b[2J\\x1b]0;owned\\x07");
  CHECK(terminal_text("a\r\nb\tc\x7f") == "a\\x0d\\x0ab\\x09c\\x7f");
  CHECK(terminal_text("\xc2\x9b"
                      "31m") == "\\x9b31m");  // CSI as one character
  CHECK(terminal_text("\x9b"
                      "31m") == "\\x9b31m");  // and as a byte that is no UTF-8
  CHECK(terminal_text("paid\xe2\x80\xae"
                      "diap") == "paid\\u{202e}diap");
  CHECK(terminal_text("\xe2\x80\xa8") == "\\u{2028}");
}

TEST_CASE("text of all languages stays as it is") {
  const std::string text = "Grüße, 订单, 🛒, naïve";
  CHECK(terminal_text(text) == text);
}

TEST_CASE("no byte that is not valid UTF-8 reaches the terminal") {
  CHECK(terminal_text("\xc0\xaf") == "\\xc0\\xaf");                  // overlong
  CHECK(terminal_text("\xed\xa0\x80") == "\\xed\\xa0\\x80");         // a surrogate
  CHECK(terminal_text("\xf4\x90\x80\x80").substr(0, 4) == "\\xf4");  // above U+10FFFF
  CHECK(terminal_text("\xe2\x82") == "\\xe2\\x82");                  // torn
  for (int byte = 0; byte < 256; ++byte) {
    const auto shown = terminal_text(std::string(1, static_cast<char>(byte)));
    for (const char c : shown) CHECK((c >= 0x20 && c < 0x7f));
  }
}

TEST_CASE("a JSON document has other escapes and the same values") {
  const std::string json = "{\"a\":\"\xc2\x9b\x7f\xe2\x80\xae\",\n\"b\":1}";
  const auto shown = terminal_json(json);
  CHECK(shown == "{\"a\":\"\\u009b\\u007f\\u202e\", \"b\":1}");
  CHECK(nlohmann::json::parse(shown) == nlohmann::json::parse(json));
}

}  // namespace ordercast
