#include "app/event_lines.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

namespace ordercast::app {
namespace {

const std::string kUpdate =
    R"({"op":"update","key":{"id":"42"},"row":{"id":"42","status":"paid","total":"0.10"},)"
    R"("changed":{"status":["new","paid"],"note":[null,"two words"]},"at":"2026-11-25T16:02:59.116148Z","seq":7})";

std::string line(std::string_view type, std::string_view data, const Palette& palette = {}) {
  return line_for_people({.type = type, .data = data, .last_event_id = "x"}, palette);
}

// Nothing that a terminal would obey, but the end of the line.
bool harmless(const std::string& text) {
  return text.ends_with('\n') && std::none_of(text.begin(), text.end() - 1, [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte < 0x20 || byte == 0x7f || byte == 0x9b;
         });
}

}  // namespace

TEST_CASE("a change is a line: when, what, which row, and what is new") {
  CHECK(line("update", kUpdate) ==
        "16:02:59.116Z update  id=42  status=new->paid  note=null->\"two words\"\n");
  CHECK(
      line(
          "insert",
          R"({"op":"insert","key":{"id":"1"},"row":{"id":"1","total":"12.50","n":1e400},"snapshot":true})") ==
      "              insert  id=1  total=12.50  n=1e400\n");
  CHECK(
      line(
          "note",
          R"({"op":"message","data":{"text":"at 10"},"at":"2026-11-25T16:02:59.116148Z","seq":8})") ==
      "16:02:59.116Z note    text=\"at 10\"\n");
  CHECK(line("update", R"({"op":"update","key":{"id":"1"},"row":null,"truncated":true,"seq":1})")
            .find("over 1 MiB") != std::string::npos);
  CHECK(line("reset", R"({"reason":"truncate"})") == "              reset   reason=truncate\n");
}

TEST_CASE("colours are around what they colour, and nothing without them") {
  const auto coloured = line("delete", kUpdate, Palette::colours());
  CHECK(coloured.find("\x1b[31mdelete \x1b[0m") != std::string::npos);
  CHECK(line("delete", kUpdate).find('\x1b') == std::string::npos);
}

TEST_CASE("no text of a row, a name or a server commands the terminal") {
  for (const std::string hostile : {"\x1b]0;owned\x07",
                                    "\xc2\x9b"
                                    "2J",
                                    "\x9b"
                                    "2J",
                                    "a\rb\x08", "\x7f"}) {
    const auto escaped =
        nlohmann::json(hostile).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    const auto row = R"({"op":"insert","key":{"id":"1"},"row":{"note":)" + escaped + "," + escaped +
                     R"(:1},"seq":1})";
    for (const auto& text : {line("insert", row), line(hostile, row), line("x", hostile),
                             line("x", "[" + escaped + "]"),
                             json_line({.type = "insert", .data = row, .last_event_id = hostile}),
                             json_line({.type = hostile, .data = hostile, .last_event_id = ""})}) {
      INFO(nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
      CHECK(harmless(text));
    }
  }
}

TEST_CASE("a JSON line is one object with the name, the id and the members of the data") {
  const auto text = json_line({.type = "update", .data = kUpdate, .last_event_id = "1abc"});
  CHECK(text == R"({"event":"update","id":"1abc",)" + kUpdate.substr(1) + "\n");
  const auto other =
      nlohmann::json::parse(json_line({.type = "x", .data = "no JSON\n", .last_event_id = ""}));
  CHECK(other == nlohmann::json{{"event", "x"}, {"data", "no JSON\n"}});
  CHECK(nlohmann::json::parse(json_line({.type = "x", .data = "{}", .last_event_id = ""})) ==
        nlohmann::json{{"event", "x"}});
  // White space of the document may have line breaks.
  CHECK(json_line({.type = "x", .data = "{\"a\":\n1}", .last_event_id = ""}) ==
        "{\"event\":\"x\",\"a\":1}\n");
}

}  // namespace ordercast::app
