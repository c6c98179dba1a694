#include "app/log_formatter.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "http/access_line.h"

namespace ordercast::app {
namespace {

using nlohmann::ordered_json;

std::string dumped(const ordered_json& value) {
  return value.dump(-1, ' ', /*ensure_ascii=*/false, ordered_json::error_handler_t::replace);
}

// The fields of a message; "msg" is the first.
ordered_json fields_of(const spdlog::details::log_msg& message) {
  const std::string_view payload(message.payload.data(), message.payload.size());
  const std::string_view logger(message.logger_name.data(), message.logger_name.size());
  if (logger == http::kAccessLogger) {
    auto fields = ordered_json::parse(payload, nullptr, /*allow_exceptions=*/false);
    if (fields.is_object() && fields.contains("msg")) return fields;
  }
  return {{"msg", payload.substr(0, LogFormatter::kMostMessageBytes)}};
}

// What a terminal obeys instead of showing it: JSON has escaped the others.
void defuse(std::string& text) {
  constexpr char kDelete = '\x7f';
  constexpr char kC1First[] = "\xc2";  // U+0080 to U+009F in UTF-8: this, and one of these
  constexpr unsigned char kC1From = 0x80;
  constexpr unsigned char kC1To = 0x9f;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == kDelete) text[i] = '?';
    if (text[i] != kC1First[0] || i + 1 == text.size()) continue;
    const auto next = static_cast<unsigned char>(text[i + 1]);
    if (next >= kC1From && next <= kC1To) text.replace(i, 2, "?");
  }
}

std::string as_text(const ordered_json& fields) {
  std::string text;
  for (const auto& [name, value] : fields.items()) {
    auto shown = dumped(value);
    if (name == "msg") {
      // Without its quotes, and those within it as they were.
      shown = shown.substr(1, shown.size() - 2);
      for (auto at = shown.find("\\\""); at != shown.npos; at = shown.find("\\\"", at + 1)) {
        shown.erase(at, 1);
      }
      text += shown;
    } else {
      fmt::format_to(std::back_inserter(text), " {}={}", name, shown);
    }
  }
  defuse(text);
  return text;
}

}  // namespace

void LogFormatter::format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) {
  using std::chrono::milliseconds, std::chrono::floor;
  const auto time = floor<milliseconds>(message.time);
  const auto seconds = fmt::gmtime(std::chrono::system_clock::to_time_t(time));
  const auto fraction = time.time_since_epoch().count() % 1000;
  const auto name = spdlog::level::to_string_view(message.level);
  const std::string_view level(name.data(), name.size());
  const auto fields = fields_of(message);
  const auto out = std::back_inserter(line);
  if (format_ == LogFormat::kText) {
    fmt::format_to(out, "{:%Y-%m-%d %H:%M:%S}.{:03} {:<7} {}\n", seconds, fraction, level,
                   as_text(fields));
    return;
  }
  const auto object = dumped(fields);
  fmt::format_to(out, R"({{"time":"{:%Y-%m-%dT%H:%M:%S}.{:03}Z","level":"{}",{}{})", seconds,
                 fraction, level, std::string_view(object).substr(1), '\n');
}

std::unique_ptr<spdlog::formatter> LogFormatter::clone() const {
  return std::make_unique<LogFormatter>(format_);
}

}  // namespace ordercast::app
