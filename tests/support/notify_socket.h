// The service manager's end of sd_notify(3): the datagram socket that $NOTIFY_SOCKET names.
// Confined to one thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "support/child_process.h"
#include "support/temp_dir.h"

namespace ordercast::testing {

class NotifySocket {
 public:
  NotifySocket();

  [[nodiscard]] std::string path() const { return dir_.path() / "notify"; }

  // The next message, "NAME=value" lines; nullopt when none comes within `patience`.
  std::optional<std::string> next(std::chrono::milliseconds patience = kPatience);
  // Takes messages up to the first that begins with `text`; all of them, this one last. Throws
  // std::runtime_error when it does not come within kPatience.
  std::vector<std::string> take_through(const std::string& text);
  // Whether at last no message comes for so long, within kPatience: those of before, of which there
  // are many where the test is late, do not count.
  [[nodiscard]] bool falls_silent(std::chrono::milliseconds time);

 private:
  TempDir dir_;
  UniqueFd fd_;
};

}  // namespace ordercast::testing
