// Whole lines to stdout, for a command that goes on until it is told to stop: a reader that takes
// nothing cannot keep the command from hearing a signal, and one that has gone is no fault.
// Confined to one thread.
#pragma once

#include <string_view>

#include "app/signals.h"

namespace ordercast::app {

class LineOutput {
 public:
  LineOutput(int fd, const Signals& signals) : fd_(fd), signals_(signals) {}

  // Writes all of it. False when the reader has gone, or a signal came first: then no more can be
  // written. Throws std::system_error for what else can happen (a full disk).
  [[nodiscard]] bool write(std::string_view lines);
  [[nodiscard]] bool reader_gone() const { return reader_gone_; }

 private:
  int fd_;
  const Signals& signals_;
  bool reader_gone_ = false;
};

}  // namespace ordercast::app
