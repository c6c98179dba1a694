#include "core/json_members.h"

#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>
#include <ctime>
#include <stdexcept>

namespace ordercast {

// Found by argument-dependent lookup when Catch prints and compares.
static bool operator==(const JsonMember& a, const JsonMember& b) {
  return a.name == b.name && a.value == b.value;
}

namespace {

using Members = std::vector<JsonMember>;

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST_CASE("Members are found as they are written", "[json_members]") {
  CHECK(json_members("{}").empty());
  CHECK(json_members(R"( { "a" : 1 , "b" : [ 1 , 2 ] } )") ==
        Members{{R"("a")", "1"}, {R"("b")", "[ 1 , 2 ]"}});
  CHECK(json_members(R"({"a":{"b":{"c":1}},"d":null,"e":true})") ==
        Members{{R"("a")", R"({"b":{"c":1}})"}, {R"("d")", "null"}, {R"("e")", "true"}});
}

TEST_CASE("No digit of a number is lost", "[json_members]") {
  CHECK(json_members(R"({"n":9007199254740993,"d":0.1234567890123456789,"e":-1.50e+400})") ==
        Members{{R"("n")", "9007199254740993"},
                {R"("d")", "0.1234567890123456789"},
                {R"("e")", "-1.50e+400"}});
}

TEST_CASE("What looks like structure inside a string is text", "[json_members]") {
  CHECK(json_members(R"({"a":"},{\"x\":1","b\"}":["]}",{"c":"\\"}],"c":"\\\""})") ==
        Members{{R"("a")", R"("},{\"x\":1")"},
                {R"("b\"}")", R"(["]}",{"c":"\\"}])"},
                {R"("c")", R"("\\\"")"}});
  CHECK(json_members("{\"n\xc3\xb6te\":\"\xe4\xb8\xad\"}") ==
        Members{{"\"n\xc3\xb6te\"", "\"\xe4\xb8\xad\""}});
}

TEST_CASE("A text that is no object is refused", "[json_members]") {
  const auto* text = GENERATE("", " ", "1", "null", "[]", "\"a\"", "{", "{\"a\"",
                              "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}", "{a:1}",
                              "{\"a\" 1}", "{\"a\":}", "{\"a\": ,\"b\":1}", "{\"a\":\"x}",
                              "{\"a\":\"x\\", "{\"a\\\":1}", "{\"a\":[1}", "{\"a\":]}");
  CAPTURE(text);
  CHECK_THROWS_AS(json_members(text), std::invalid_argument);
}

TEST_CASE("Neither depth nor width of a document costs stack or more than linear time",
          "[json_members]") {
  constexpr std::size_t kTimes = 200'000;
  // Linear takes milliseconds of the processor; quadratic would be 4e10 steps.
  constexpr std::clock_t kMuch = 5 * CLOCKS_PER_SEC;
  const auto start = std::clock();

  const auto deep = repeated("[{\"x\":", kTimes / 2) + "1" + repeated("}]", kTimes / 2);
  const auto two_members = "{\"a\":" + deep + ",\"b\":2}";
  const auto two = json_members(two_members);
  REQUIRE(two.size() == 2);
  CHECK(two[0].value.size() == deep.size());
  CHECK(two[1].value == "2");

  CHECK(json_members("{" + repeated("\"a\":1,", kTimes) + "\"b\":2}").size() == kTimes + 1);

  CHECK_THROWS_AS(json_members("{\"a\":" + repeated("[", kTimes)), std::invalid_argument);
  CHECK(std::clock() - start < kMuch);
}

// JSON values as PostgreSQL may print them.
rc::Gen<std::string> values(int depth) {
  return rc::gen::exec([depth]() -> std::string {
    const auto kind = *rc::gen::inRange(0, depth > 0 ? 5 : 3);
    if (kind == 0) return std::to_string(*rc::gen::arbitrary<std::int64_t>());
    if (kind == 1) return *rc::gen::element<std::string>("null", "true", "0.10", "-1e400");
    if (kind == 2) {
      const auto parts =
          *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
              "a", "{", "}", "[", "]", ",", ":", "\\\"", "\\\\", "\\n", " ", "\xc3\xa9"));
      std::string text = "\"";
      for (const auto& part : parts) text += part;
      return text + "\"";
    }
    const auto first = *values(depth - 1);
    const auto second = *values(depth - 1);
    return kind == 3 ? "[" + first + ", " + second + "]"
                     : "{\"k\":" + first + ",\"l\" :" + second + "}";
  });
}

TEST_CASE("An object is the list of its members", "[json_members][property]") {
  rc::prop("members that are written down are found again", [] {
    const auto written = *rc::gen::container<std::vector<std::string>>(values(2));
    const auto space = *rc::gen::element<std::string>("", " ", "\n\t ");
    std::string text = "{" + space;
    for (std::size_t i = 0; i < written.size(); ++i) {
      text += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\"" + space + ":" + space +
              written[i] + space;
    }
    text += "}";
    const auto found = json_members(text);
    RC_ASSERT(found.size() == written.size());
    for (std::size_t i = 0; i < written.size(); ++i) {
      RC_ASSERT(found[i].name == "\"" + std::to_string(i) + "\"");
      RC_ASSERT(found[i].value == written[i]);
    }
  });

  rc::prop("any text is an object or refused", [] {
    const auto text = *rc::gen::container<std::string>(
        rc::gen::element('{', '}', '[', ']', '"', '\\', ',', ':', '1', ' ', '\0'));
    try {
      for (const auto& member : json_members(text)) {
        RC_ASSERT(member.name.size() >= 2U);
        RC_ASSERT(!member.value.empty());
      }
    } catch (const std::invalid_argument&) {
    }
  });
}

TEST_CASE("An array's elements are views into it, too", "[json_members]") {
  const std::string_view array = R"([1, "a,]", {"b": [2]} , [[]]])";
  CHECK(json_elements(array) ==
        std::vector<std::string_view>{"1", R"("a,]")", R"({"b": [2]})", "[[]]"});
  CHECK(json_elements("[]").empty());
  CHECK_THROWS_AS(json_elements("{}"), std::invalid_argument);
}

}  // namespace
}  // namespace ordercast
