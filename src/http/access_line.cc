#include "http/access_line.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <iterator>

#include "http/json_error.h"

namespace ordercast::http {
namespace {

spdlog::level::level_enum level_of(AccessLine::Level level) {
  return level == AccessLine::Level::kStream ? spdlog::level::info : spdlog::level::debug;
}

}  // namespace

AccessLine::AccessLine(Level level, std::string_view message) : level_(level) {
  json_ = fmt::format(R"({{"msg":{})", json_string(message));
}

void AccessLine::write() {
  if (const auto logger = spdlog::get(kAccessLogger)) logger->log(level_of(level_), json_ + "}");
}

bool AccessLine::wanted(Level level) {
  const auto logger = spdlog::get(kAccessLogger);
  return logger && logger->should_log(level_of(level));
}

AccessLine& AccessLine::add(std::string_view name, std::string_view value) {
  if (!value.empty()) {
    fmt::format_to(std::back_inserter(json_), R"(,"{}":{})", name,
                   json_string(value.substr(0, kMostBytes)));
  }
  return *this;
}

AccessLine& AccessLine::add(std::string_view name, std::uint64_t value) {
  fmt::format_to(std::back_inserter(json_), R"(,"{}":{})", name, value);
  return *this;
}

AccessLine& AccessLine::add_seconds(std::string_view name, double value) {
  fmt::format_to(std::back_inserter(json_), R"(,"{}":{:.6f})", name, value);
  return *this;
}

}  // namespace ordercast::http
