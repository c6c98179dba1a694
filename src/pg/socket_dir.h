// The folder of the private PostgreSQL's unix socket: closed to everybody but the user that runs
// the server and root, which is what makes password-less (trust) connections safe. Confined to its
// owner's thread.
#pragma once

#include <filesystem>
#include <vector>

#include "pg/server_user.h"

namespace ordercast::pg {

class SocketDir {
 public:
  // `preferred` where its path fits; else a fresh folder below the first of `roots` that takes it,
  // removed when this object goes. A path fits when the socket's name in it is at most 107 bytes
  // long (unix(7)), and when it has none of the characters that libpq's `host` would split or
  // unquote. Throws DataDirError.
  SocketDir(const std::filesystem::path& preferred, const ServerUser& user,
            const std::vector<std::filesystem::path>& roots);
  ~SocketDir();
  SocketDir(const SocketDir&) = delete;
  SocketDir& operator=(const SocketDir&) = delete;

  // $XDG_RUNTIME_DIR, unless the server runs as another user, who may not enter it; then /tmp.
  [[nodiscard]] static std::vector<std::filesystem::path> default_roots(const ServerUser& user);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  // The only port, and so the socket's name: .s.PGSQL.5432
  static constexpr int kPort = 5432;

 private:
  std::filesystem::path path_;
  bool fresh_ = false;
};

}  // namespace ordercast::pg
