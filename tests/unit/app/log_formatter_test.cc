// threats.md row 27: whatever is logged, a line stays a line, and one that parses.
#include "app/log_formatter.h"

#include <fmt/format.h>
#include <limits.h>
#include <rapidcheck/catch.h>
#include <spdlog/details/log_msg.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "http/access_line.h"
#include "http/json_error.h"

namespace ordercast::app {
namespace {

std::string formatted(LogFormat format, std::string_view payload,
                      std::string_view logger = "ordercast") {
  const spdlog::details::log_msg message({logger.data(), logger.size()}, spdlog::level::warn,
                                         {payload.data(), payload.size()});
  spdlog::memory_buf_t line;
  LogFormatter(format).format(message, line);
  return {line.data(), line.size()};
}

// As http::AccessLine makes it.
std::string access(std::string_view value) {
  return fmt::format(R"({{"msg":"stream ended","user_agent":{}}})",
                     http::json_string(value.substr(0, http::AccessLine::kMostBytes)));
}

bool is_one_line(const std::string& text) {
  return std::count(text.begin(), text.end(), '\n') == 1 && text.back() == '\n';
}

// Bytes that a terminal or a reader of lines could obey.
bool is_inert(std::string_view text) {
  constexpr std::string_view kControlSequence = "\xc2\x9b";  // CSI, as one character
  return text.find(kControlSequence) == text.npos &&
         std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
}

void check_any(const std::string& bytes) {
  for (const bool field : {false, true}) {
    const auto payload = field ? access(bytes) : bytes;
    const auto* logger = field ? http::kAccessLogger : "ordercast";
    const auto json = formatted(LogFormat::kJson, payload, logger);
    RC_ASSERT(is_one_line(json));
    const auto object = nlohmann::json::parse(json);
    RC_ASSERT(object.at("level") == "warning");
    RC_ASSERT(object.size() == (field ? 4U : 3U));  // nothing got in beside them
    const auto text = formatted(LogFormat::kText, payload, logger);
    RC_ASSERT(is_one_line(text));
    RC_ASSERT(is_inert(std::string_view(text).substr(0, text.size() - 1)));
    RC_ASSERT(json.size() <= static_cast<std::size_t>(PIPE_BUF));
  }
}

TEST_CASE("Any bytes become one line, and one JSON object", "[log]") {
  rc::prop("any bytes", [](const std::string& bytes) { check_any(bytes); });
  rc::prop("many bytes",
           [] { check_any(*rc::gen::container<std::string>(3000, rc::gen::arbitrary<char>())); });
}

TEST_CASE("A hundred ways to forge a line fail", "[log]") {
  const std::vector<std::string> ends{
      "\n", "\r\n", "\r", "\v", "\f", "\x85", "\xc2\x85", "\xe2\x80\xa8", std::string(1, '\0'),
      "\\n"};
  const std::vector<std::string> forgeries{
      R"({"time":"2026-01-01T00:00:00.000Z","level":"info","msg":"all is well"})",
      R"(","level":"critical","msg":"forged)",
      R"("}{"msg":"forged"})",
      "2026-01-01 00:00:00.000 info    forged",
      "\x1b[2K\x1b[1A forged",
      "\xc2\x9b"
      "2Jforged",
      "\xff\xfe\xc0\xaf",
      "\\u000aforged",
      "%n%s%v{}{0}",
      std::string(700, '"')};
  int count = 0;
  for (const auto& end : ends) {
    for (const auto& forgery : forgeries) {
      check_any("user" + end + forgery);
      ++count;
    }
  }
  CHECK(count == 100);
}

TEST_CASE("The fields of the access log are members of the object, and follow the text", "[log]") {
  const auto payload = R"({"msg":"stream ended","stream":"orders","events":7})";
  const auto object =
      nlohmann::json::parse(formatted(LogFormat::kJson, payload, http::kAccessLogger));
  CHECK(object.at("msg") == "stream ended");
  CHECK(object.at("stream") == "orders");
  CHECK(object.at("events") == 7);
  CHECK_THAT(formatted(LogFormat::kText, payload, http::kAccessLogger),
             Catch::EndsWith(" warning stream ended stream=\"orders\" events=7\n"));
}

TEST_CASE("What people read is left as it is", "[log]") {
  CHECK_THAT(formatted(LogFormat::kText, "database: \"missing\" 订单 does not exist"),
             Catch::EndsWith(" warning database: \"missing\" 订单 does not exist\n"));
}

}  // namespace
}  // namespace ordercast::app
