// A line of the access log: what was asked, by whom, and how it ended. Goes to the logger
// kAccessLogger as a JSON object, which the program's formatter makes part of its line
// (app/log_formatter.h); without such a logger nothing is written. Confined to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ordercast::http {

inline constexpr char kAccessLogger[] = "access";

class AccessLine {
 public:
  enum class Level {
    kRequest,  // shown at --log-level debug: there can be thousands a second
    kStream,   // info
  };
  // `message`: what happened, in words.
  AccessLine(Level level, std::string_view message);
  AccessLine(const AccessLine&) = delete;
  AccessLine& operator=(const AccessLine&) = delete;

  // Whether anybody will read it: what is costly to find out need not be.
  [[nodiscard]] static bool wanted(Level level);

  // A value is cut to kMostBytes; what is no UTF-8 in it is replaced. An empty one is left out.
  AccessLine& add(std::string_view name, std::string_view value);
  AccessLine& add(std::string_view name, std::uint64_t value);
  AccessLine& add_seconds(std::string_view name, double value);
  // Once, as the last.
  void write();

  static constexpr std::size_t kMostBytes = 256;

 private:
  const Level level_;
  std::string json_;
};

}  // namespace ordercast::http
