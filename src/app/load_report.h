// What a crowd of clients received: while it runs, as a bar on a terminal, and at the end. Confined
// to one thread.
#pragma once

#include <cstdint>
#include <string>

#include "load/crowd.h"

namespace ordercast::app {

// On a terminal one line that is drawn anew; elsewhere nothing.
class ProgressBar {
 public:
  ProgressBar(int fd, int seconds);

  void show(double elapsed, const load::Crowd& crowd);
  void clear();

 private:
  int fd_;
  bool terminal_;
  int seconds_;
  double before_ = 0;  // seconds
  std::uint64_t events_before_ = 0;
};

class LoadReport {
 public:
  // `events` came in `elapsed` seconds; 0 when there was no change among them.
  LoadReport(const load::Crowd& crowd, std::uint64_t events, double elapsed);

  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::string json() const;
  // Why this is no success; empty when it is one.
  [[nodiscard]] std::string problem() const;

 private:
  std::size_t connections_;
  std::size_t live_;
  std::uint64_t events_;
  double per_second_;
  double seconds_;
  load::Latency latency_;
  load::Faults faults_;
  std::uint64_t resets_;
  std::uint64_t ended_;
  std::uint64_t refused_;
};

}  // namespace ordercast::app
