#include "core/ndjson.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace ordercast {
namespace {

std::string line(const Event& event) {
  std::string out;
  ndjson::append(out, event);
  return out;
}

TEST_CASE("An event is a line: its name and id, then the members of its data", "[ndjson]") {
  CHECK(line({"7", "insert", R"({"op":"insert","seq":1})"}) ==
        "{\"event\":\"insert\",\"id\":\"7\",\"op\":\"insert\",\"seq\":1}\n");
  CHECK(line({"", "hello", R"({"stream":"orders"})"}) ==
        "{\"event\":\"hello\",\"stream\":\"orders\"}\n");
  CHECK(line({"7", "ready", "{}"}) == "{\"event\":\"ready\",\"id\":\"7\"}\n");
}

TEST_CASE("Line breaks of a json column do not end the line", "[ndjson]") {
  const auto* line_break = GENERATE("\n", "\r", "\r\n", "\n\n");
  const auto text =
      line({"7", "x", std::string(R"({"row":[1,)") + line_break + "2]" + line_break + "}"});
  CHECK(text.find_first_of("\r\n") == text.size() - 1);
  CHECK(nlohmann::json::parse(text)["row"] == nlohmann::json{1, 2});
}

TEST_CASE("The time to wait is a line, too", "[ndjson]") {
  std::string out;
  ndjson::append_retry(out, std::chrono::seconds(2));
  CHECK(out == "{\"event\":\"retry\",\"ms\":2000}\n");
}

}  // namespace
}  // namespace ordercast
