// How a line of the log looks: for people, or as one JSON object. Whatever a message or a field
// holds, it stays one line, and the JSON one that parses: spdlog's own patterns do not escape.
//
//   2026-11-25 19:01:50.123 info    stream ended stream="orders" reason="client_gone" events=7
//   {"time":"2026-11-25T19:01:50.123Z","level":"info","msg":"stream ended","stream":"orders",…}
//
// The payload of the logger http::kAccessLogger is a JSON object, of which "msg" is the message and
// the others are fields; that of any other logger is the message. Confined to its sink's lock.
#pragma once

#include <spdlog/formatter.h>

#include <cstddef>
#include <memory>

namespace ordercast::app {

enum class LogFormat { kText, kJson };

class LogFormatter : public spdlog::formatter {
 public:
  explicit LogFormatter(LogFormat format) : format_(format) {}

  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) override;
  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override;

  // A longer message is cut: so that a line, each byte of it escaped, fits PIPE_BUF (pipe(7)).
  static constexpr std::size_t kMostMessageBytes = 600;

 private:
  const LogFormat format_;
};

}  // namespace ordercast::app
