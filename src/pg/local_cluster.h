// The private PostgreSQL of `serve` and `demo` without --database: made by initdb on first use, a
// child of this process, reachable over a unix socket only.
//
// Confined to one thread, which must live as long as the server runs: the server is told to stop
// (SIGINT, a fast shutdown) by the kernel when the thread that started it ends, so it is gone after
// kill -9 of Ordercast too. Use it from main's thread.
//
// Who may connect: everybody who can enter the socket's folder (mode 0700), without a password, as
// the superuser. That is the user who started Ordercast; when that is root, the server runs as
// `postgres` (or `nobody`), and that user may enter as well. TCP is off.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/child_process.h"
#include "pg/binaries.h"
#include "pg/data_dir.h"
#include "pg/server_user.h"
#include "pg/socket_dir.h"

namespace ordercast::pg {

// The server did not start; what() quotes the end of its log. Other causes throw BinariesNotFound,
// DataDirError, NoServerUser or SpawnError: all texts are meant for the person at the terminal.
struct LocalClusterError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct LocalClusterOptions {
  std::filesystem::path data_dir;      // default_data_dir()
  std::string database = "ordercast";  // created when it is not there
  std::vector<std::filesystem::path> binary_dirs = pg::binary_dirs();
  std::vector<std::pair<std::string, std::string>> settings = {};  // besides ours: {"fsync", "off"}
  // How long start() waits for a predecessor that is still ending; a fast shutdown takes 0.1 s.
  std::chrono::milliseconds predecessor_limit = std::chrono::seconds(10);
};

class LocalCluster {
 public:
  // How a stop treats sessions: kFast ends them and writes everything out; kImmediate is a crash
  // with notice (the next start recovers from the log); kKill is a crash (SIGKILL).
  enum class Stop { kFast, kImmediate, kKill };

  // Returns when the server accepts connections.
  explicit LocalCluster(LocalClusterOptions options);
  // stop(kFast)
  ~LocalCluster();
  LocalCluster(const LocalCluster&) = delete;
  LocalCluster& operator=(const LocalCluster&) = delete;

  // Starts the server again in the same place: conninfo() stays what it was. Nothing happens when
  // it runs. A predecessor that is still ending is waited for, at most `predecessor_limit`.
  void start();
  // Returns when the server has ended. A kFast stop that takes longer than kFastStopLimit becomes
  // kImmediate.
  void stop(Stop how = Stop::kFast);

  // False after stop() and when the server died. To be told of its death, poll(2) exit_fd() for
  // POLLIN.
  [[nodiscard]] bool running();
  [[nodiscard]] int exit_fd() const;       // -1 after stop()
  [[nodiscard]] pid_t postmaster() const;  // -1 after stop()

  // For libpq and psql as it is: "host=/… port=5432 dbname=ordercast user=postgres". It holds no
  // secret.
  [[nodiscard]] std::string conninfo() const { return conninfo(options_.database); }
  [[nodiscard]] std::string conninfo(const std::string& database) const;

  [[nodiscard]] const DataDir& data_dir() const { return data_; }

  static constexpr std::chrono::seconds kInitLimit{120};     // seconds on a laptop; slow disks
  static constexpr std::chrono::seconds kStartLimit{60};     // includes recovery after a crash
  static constexpr std::chrono::seconds kFastStopLimit{10};  // writes at most shared_buffers, 16 MB
  static constexpr std::chrono::seconds kImmediateStopLimit{5};

 private:
  void init();
  std::vector<std::string> server_command() const;
  ChildProcess spawn(std::vector<std::string> argv) const;
  bool wait_until_ready();
  void create_database();

  LocalClusterOptions options_;
  ServerUser user_;
  DataDir data_;
  Binaries binaries_;
  SocketDir sockets_;
  std::optional<ChildProcess> server_;
};

}  // namespace ordercast::pg
