// An Ordercast node in a process of its own, as users run it. Confined to the thread that made it;
// killed when it goes. When a test fails by an exception (as REQUIRE does), what the node wrote to
// stderr is shown.
//
//   TestDatabase database;
//   ServedNode node(database);
//   EventClient client(node.port(), {.query = "snapshot=true"});
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "support/child_process.h"
#include "support/http_client.h"
#include "support/test_database.h"

namespace ordercast::testing {

class ServedNode {
 public:
  // Runs `ordercast <command…> --listen 127.0.0.1:0`; returns when it says that it listens. Throws,
  // with what it wrote to stderr, when it does not.
  explicit ServedNode(std::vector<std::string> command, const TestProcessOptions& options = {});
  // `serve --database <of it> <more…>`; returns when it is ready to serve streams.
  explicit ServedNode(const TestDatabase& database, std::vector<std::string> more = {});

  ~ServedNode();
  ServedNode(const ServedNode&) = delete;
  ServedNode& operator=(const ServedNode&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] const std::string& url() const { return url_; }
  // What it printed behind "database: "; empty when it did not.
  [[nodiscard]] const std::string& conninfo() const { return conninfo_; }
  [[nodiscard]] TestProcess& process() { return process_; }

  [[nodiscard]] HttpResponse get(std::string_view path) const;
  [[nodiscard]] bool ready() const;
  // Throws when it is not within kPatience.
  void wait_until_ready();

  // Signals it and waits for its end.
  ExitStatus stop(int signal);

 private:
  const int exceptions_ = std::uncaught_exceptions();
  TestProcess process_;
  std::string url_;
  std::string conninfo_;
  std::uint16_t port_ = 0;
};

// The processes of the PostgreSQL that `conninfo` leads to: its postmaster, then its sessions.
[[nodiscard]] std::vector<pid_t> server_processes(const std::string& conninfo);

// Runs the ordercast binary to its end.
struct CommandResult {
  int code = -1;
  std::string out;
  std::string err;
};
[[nodiscard]] CommandResult run_ordercast(std::vector<std::string> arguments,
                                          const TestProcessOptions& options = {});

}  // namespace ordercast::testing
