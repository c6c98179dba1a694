#include "app/log_sink.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace ordercast::app {

void LogSink::sink_it_(const spdlog::details::log_msg& message) {
  if (dropped() > told_) say_what_was_dropped();
  spdlog::memory_buf_t line;
  formatter_->format(message, line);
  if (!write({line.data(), line.size()})) dropped_.add();
}

void LogSink::say_what_was_dropped() {
  const auto count = dropped() - told_;
  const auto text = fmt::format("{} lines of this log could not be written", count);
  spdlog::memory_buf_t line;
  formatter_->format({{}, spdlog::level::warn, text}, line);
  if (write({line.data(), line.size()})) told_ += count;
}

bool LogSink::write(std::string_view line) {
  constexpr std::string_view kEnd = "\n";
  if (torn_ && (!wait_for_room() || ::write(fd_, kEnd.data(), kEnd.size()) < 0)) return false;
  torn_ = false;
  // A pipe that has room takes PIPE_BUF bytes at once, and no line is longer (log_formatter.h).
  while (!line.empty()) {
    if (!wait_for_room()) return false;
    const ssize_t written = ::write(fd_, line.data(), line.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    line.remove_prefix(static_cast<std::size_t>(written));
    torn_ = !line.empty();
  }
  return true;
}

bool LogSink::wait_for_room() {
  pollfd entry{.fd = fd_, .events = POLLOUT, .revents = 0};
  const auto patience = stuck_ ? std::chrono::milliseconds(0) : kPatience;
  stuck_ = ::poll(&entry, 1, static_cast<int>(patience.count())) <= 0;
  return !stuck_;
}

}  // namespace ordercast::app
