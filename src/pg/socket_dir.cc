#include "pg/socket_dir.h"

#include <fmt/format.h>
#include <sys/un.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "pg/data_dir.h"

namespace ordercast::pg {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxSocketPath = sizeof(sockaddr_un::sun_path) - 1;  // without the NUL

// A list of hosts is split at commas, quotes and blanks need quoting, a leading @ is an abstract
// socket.
bool plain(std::string_view path) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+";
  return path.starts_with('/') && path.find_first_not_of(kPlain) == path.npos;
}

bool fits(const fs::path& dir) {
  const auto socket = dir / fmt::format(".s.PGSQL.{}", SocketDir::kPort);
  return plain(dir.native()) && socket.native().size() <= kMaxSocketPath;
}

}  // namespace

std::vector<fs::path> SocketDir::default_roots(const ServerUser& user) {
  std::vector<fs::path> roots;
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  if (runtime != nullptr && !user.other) roots.emplace_back(runtime);
  roots.emplace_back("/tmp");
  return roots;
}

SocketDir::SocketDir(const fs::path& preferred, const ServerUser& user,
                     const std::vector<fs::path>& roots) {
  if (fits(preferred)) {
    path_ = preferred;
    make_private_dir(path_, user);
    return;
  }
  for (const auto& root : roots) {
    std::string name = root / "ordercast-XXXXXX";
    if (!fits(name) || ::mkdtemp(name.data()) == nullptr) continue;
    path_ = name;
    fresh_ = true;
    make_private_dir(path_, user);
    return;
  }
  throw DataDirError(
      fmt::format("{}: too long for a unix socket (at most {} bytes), and no short folder could be "
                  "made in {}: choose "
                  "a shorter --data-dir",
                  preferred.string(), kMaxSocketPath, roots.empty() ? "" : roots.back().string()));
}

SocketDir::~SocketDir() {
  std::error_code ignored;
  if (fresh_) fs::remove_all(path_, ignored);
}

}  // namespace ordercast::pg
