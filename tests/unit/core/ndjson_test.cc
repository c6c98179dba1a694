#include "core/ndjson.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "base/thread.h"

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

// JSON texts as a `json` column may hold them, with any white space that RFC 8259 allows and
// strings full of what looks like structure.
class HostileJson {
 public:
  std::string value(int depth) {
    switch (depth > 0 ? random_() % 4 : random_() % 2) {
      case 0:
        return space() + "-1.5e3" + space();
      case 1:
        return space() + string() + space();
      case 2:
        return space() + "[" + value(depth - 1) + "," + value(depth - 1) + "]" + space();
      default:
        return space() + "{" + space() + string() + space() + ":" + value(depth - 1) + "}" +
               space();
    }
  }

 private:
  std::string space() { return pick({"", "\n", "\r", "\r\n", "\n\n", " \t", "\r\r\n\n"}); }
  std::string string() {
    return pick({R"("")", R"("\n\r")", R"("\u000a}\u000d")", R"("\"}\",\"event\":\"reset")",
                 R"("},{\\")", "\"\xe2\x80\xa8\"", "\"\x7f\xc2\x85\""});
  }
  std::string pick(std::initializer_list<const char*> from) {
    return *(from.begin() + random_() % from.size());
  }

  std::mt19937_64 random_{20261125};
};

TEST_CASE("Whatever json a row holds, its event is one line and means the same", "[ndjson]") {
  constexpr int kTexts = kSanitizerStackFactor > 1 ? 2'000 : 20'000;
  HostileJson hostile;
  for (int i = 0; i < kTexts; ++i) {
    const auto data = R"({"row":)" + hostile.value(4) + "}";
    INFO(data);
    const auto text = line({"7", "insert", data});
    REQUIRE(text.find_first_of("\r\n") == text.size() - 1);
    const auto read = nlohmann::json::parse(text);
    REQUIRE(read.size() == 3);
    REQUIRE(read["event"] == "insert");
    REQUIRE(read["row"] == nlohmann::json::parse(data)["row"]);
  }
}

TEST_CASE("The time to wait is a line, too", "[ndjson]") {
  std::string out;
  ndjson::append_retry(out, std::chrono::seconds(2));
  CHECK(out == "{\"event\":\"retry\",\"ms\":2000}\n");
}

}  // namespace
}  // namespace ordercast
