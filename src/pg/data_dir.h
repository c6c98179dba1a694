// The folder that the private PostgreSQL lives in: made, given to the user that runs the server,
// and locked against a second Ordercast while this object lives. Confined to its owner's thread.
//
//   <path>/ordercast.lock   flock(2)ed by the running Ordercast, holds its pid
//   <path>/pgdata/          the cluster, made by initdb
//   <path>/run/             its socket, when the path is short enough (socket_dir.h)
//   <path>/postgres.log     what the server prints
#pragma once

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

#include "base/unique_fd.h"
#include "pg/server_user.h"

namespace ordercast::pg {

// what() names the folder, the cause and the way out.
struct DataDirError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// $XDG_DATA_HOME/ordercast, else $HOME/.local/share/ordercast (XDG Base Directory Specification).
// Root without XDG_DATA_HOME gets /var/lib/ordercast: root's home is closed to the user that runs
// the server. Throws DataDirError when there is no home either.
[[nodiscard]] std::filesystem::path default_data_dir();

class DataDir {
 public:
  // Takes an absent or empty folder, or one that this class made before; anything else is refused
  // untouched, because the folder is closed to others (mode 0700) and, as root, given to `user`.
  // Throws DataDirError.
  DataDir(const std::filesystem::path& path, const ServerUser& user);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path cluster() const { return path_ / "pgdata"; }
  [[nodiscard]] std::filesystem::path log() const { return path_ / "postgres.log"; }
  [[nodiscard]] std::filesystem::path sockets() const { return path_ / "run"; }

  // The major version that made the cluster; none before initdb.
  [[nodiscard]] std::optional<int> major() const;
  // First line of postmaster.pid; none without the file.
  [[nodiscard]] std::optional<pid_t> postmaster() const;

 private:
  std::filesystem::path path_;
  UniqueFd lock_;
};

// Makes `dir` (its parent exists) or takes it over, mode 0700, owned by `user`. Throws
// DataDirError.
void make_private_dir(const std::filesystem::path& dir, const ServerUser& user);

// Why `user` cannot enter `dir`: names the first folder on the way that is closed to it.
[[nodiscard]] std::string explain_unreachable(const std::filesystem::path& dir,
                                              const ServerUser& user);

}  // namespace ordercast::pg
