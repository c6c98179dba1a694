// A program under test, above all the ordercast binary: started, its stdout read line by line,
// signalled, reaped. Confined to one thread, which must outlive it; killed (SIGKILL) when the
// object or the test program goes.
//
//   auto server = TestProcess::ordercast({"serve", "--database", database.url(), "--listen",
//   "127.0.0.1:0"}); const auto url = server.wait_for_line("listening on ");
//   server.signal(SIGTERM);
//   CHECK(server.wait().code == 0);
//
// stderr is kept apart and never blocks the program. stdout is a pipe of kPipeBytes: a program that
// prints more than that waits until the test reads.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/child_process.h"
#include "base/unique_fd.h"

namespace ordercast::testing {

// Everything takes several times as long under ThreadSanitizer.
#if defined(__SANITIZE_THREAD__)
inline constexpr int kSlowness = 4;
#else
inline constexpr int kSlowness = 1;
#endif

// Ample for a loaded machine; a test that meets its expectation never waits for it.
inline constexpr std::chrono::seconds kPatience{30 * kSlowness};

struct TestProcessOptions {
  std::map<std::string, std::string> environment =
      {};  // added to ours; an empty value removes the name
  std::optional<UserIds> run_as = std::nullopt;
  std::string working_dir = {};
  std::string program = {};  // for ordercast(): instead of $ORDERCAST_BINARY
};

class TestProcess {
 public:
  // `argv[0]` is a path, or a name that is looked up in PATH. Throws SpawnError.
  explicit TestProcess(std::vector<std::string> argv, const TestProcessOptions& options = {});
  // The binary that $ORDERCAST_BINARY names (CTest sets it).
  static TestProcess ordercast(std::vector<std::string> arguments,
                               const TestProcessOptions& options = {});

  [[nodiscard]] pid_t pid() const { return child_.pid(); }

  // The next line of stdout, without its newline; empty at the end of the output. Throws
  // std::runtime_error, with what the program wrote to stderr, when none comes within `patience`.
  std::optional<std::string> read_line(std::chrono::milliseconds patience = kPatience);
  // Skips lines until one begins with `prefix`, and returns what follows it. Throws as read_line(),
  // and at the end of the output.
  std::string wait_for_line(const std::string& prefix,
                            std::chrono::milliseconds patience = kPatience);
  // All of stdout that has not been read, until the program closes it.
  std::string read_rest(std::chrono::milliseconds patience = kPatience);

  void signal(int number) { child_.signal(number); }
  // As Ctrl-C does: to the program and all that share its process group.
  void signal_group(int number);

  // Throws std::runtime_error when it has not ended within `patience`.
  ExitStatus wait(std::chrono::milliseconds patience = kPatience);
  [[nodiscard]] bool running();

  // What it wrote to stderr so far.
  [[nodiscard]] std::string stderr_text() const;

  static constexpr int kPipeBytes = 1 << 20;

 private:
  struct Pipes;
  TestProcess(const std::vector<std::string>& argv, const TestProcessOptions& options, Pipes pipes);
  // Appends what is there to buffer_; false at the end of the output.
  bool fill(std::chrono::steady_clock::time_point deadline);
  [[nodiscard]] std::runtime_error failed(const std::string& what) const;

  std::string name_;
  UniqueFd stdout_;
  UniqueFd stderr_;
  ChildProcess child_;
  std::string buffer_;
};

// What a program that ends by itself printed on stdout. Throws std::runtime_error, with its stderr,
// when it fails.
std::string output_of(std::vector<std::string> argv, const TestProcessOptions& options = {});

}  // namespace ordercast::testing
