// A server under test: a program on the server's core that says on stdout where it listens, and
// ends at SIGINT. Confined to one thread, which must outlive it.
//
// It prints "listening on …:PORT", and before that, when events are published to it on another
// port, "publish at …:PORT". One that prints nothing, as nginx, is told its port and waited for.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/child_process.h"
#include "base/unique_fd.h"

namespace ordercast::bench {

class ServerProcess {
 public:
  // Returns when it accepts connections. Throws std::runtime_error, with what it wrote to stderr,
  // when it does not. `port` 0: it says where it listens.
  explicit ServerProcess(std::vector<std::string> argv, std::uint16_t port = 0);
  // Ends it, and what it started.
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  [[nodiscard]] pid_t pid() const { return child_.pid(); }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::uint16_t publish_port() const { return publish_port_; }
  [[nodiscard]] std::string stderr_text() const;

 private:
  struct Outputs;
  ServerProcess(std::vector<std::string> argv, std::uint16_t port, Outputs outputs);
  void read_ports();
  void wait_until_it_accepts();
  [[nodiscard]] std::runtime_error failed(std::string_view what) const;

  std::string name_;
  UniqueFd stdout_;
  UniqueFd stderr_;
  ChildProcess child_;
  std::uint16_t port_;
  std::uint16_t publish_port_;
};

// A program of this build: "bench/bare_server", "ordercast".
[[nodiscard]] std::string built_program(std::string_view name);
// A program of the system, looked up in PATH and the folders of administrators. Throws
// std::runtime_error with what to do.
[[nodiscard]] std::string system_program(std::string_view name);

}  // namespace ordercast::bench
