// Writes log lines to a descriptor, and never makes anybody wait for whoever reads them: a line
// that a full disk, a closed pipe or a reader that has stopped does not take is dropped and
// counted; the next one that is taken says how many were. Thread-safe, as spdlog's sinks are.
#pragma once

#include <spdlog/sinks/base_sink.h>

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string_view>

#include "base/counter.h"

namespace ordercast::app {

class LogSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  // Does not own the descriptor.
  explicit LogSink(int fd) : fd_(fd) {}

  [[nodiscard]] std::uint64_t dropped() const { return dropped_.value(); }

  // A reader that is behind gets this much time, once: then lines are dropped until it reads again.
  static constexpr std::chrono::milliseconds kPatience{100};

 private:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override {}

  // False when nothing, or not all of it, was taken.
  [[nodiscard]] bool write(std::string_view line);
  [[nodiscard]] bool wait_for_room();
  void say_what_was_dropped();

  const int fd_;
  bool stuck_ = false;      // the reader has had its time
  bool torn_ = false;       // the last line has no end
  std::uint64_t told_ = 0;  // of dropped_
  Counter dropped_;
};

}  // namespace ordercast::app
