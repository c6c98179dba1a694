// An nginx in front of a server under test, on a free loopback port, with its files in a folder of
// its own. Confined to the thread that made it; killed when it goes. Throws std::runtime_error,
// with what nginx said, when it does not come up.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "support/child_process.h"
#include "support/temp_dir.h"

namespace ordercast::testing {

class Nginx {
 public:
  // `server` goes into the server block, `http` in front of it.
  Nginx(const std::string& server, const std::string& http);

  [[nodiscard]] std::uint16_t port() const { return port_; }
  // Its error log.
  [[nodiscard]] std::string errors() const { return process_->stderr_text(); }

 private:
  [[nodiscard]] bool start(const std::string& server, const std::string& http);

  TempDir dir_;
  std::uint16_t port_ = 0;
  std::optional<TestProcess> process_;
};

}  // namespace ordercast::testing
