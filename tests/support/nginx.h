// An nginx in front of a server under test, on a free loopback port, with its files in a folder of
// its own. Confined to the thread that made it; killed when it goes. Throws std::runtime_error,
// with what nginx said, when it does not come up.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "support/child_process.h"
#include "support/temp_dir.h"

namespace ordercast::testing {

// What there is in its configuration besides what all have.
struct NginxConfiguration {
  std::string main = {};    // in front of all else
  int connections = 1'000;  // of its one worker
  std::string http = {};    // in front of the server block
  std::string listen = {};  // behind the port
  std::string server = {};
};

// The command line that runs it in the foreground on that port, with all its files in `dir`, where
// this writes its configuration.
[[nodiscard]] std::vector<std::string> nginx_command(const std::filesystem::path& dir,
                                                     std::uint16_t port,
                                                     const NginxConfiguration& configuration);

// On loopback, and free now: nginx knows no port 0.
[[nodiscard]] std::uint16_t free_port();

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
