#include "pg/data_dir.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace ordercast::pg {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kPrivateDir = 0700;
constexpr mode_t kOpenDir = 0755;
constexpr mode_t kPrivateFile = 0600;
constexpr const char* kLockName = "ordercast.lock";

[[noreturn]] void fail(const fs::path& path, const char* what) {
  throw DataDirError(fmt::format("{}: {}: {}", path.string(), what, std::strerror(errno)));
}

std::optional<struct stat> status_of(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return status;
}

// Parents of a server's folder must be open to the user that runs it, whatever root's umask is.
void make_parents(const fs::path& dir, const ServerUser& user) {
  if (dir.empty() || status_of(dir)) return;
  make_parents(dir.parent_path(), user);
  const mode_t mode = user.other ? kOpenDir : kPrivateDir;
  if (::mkdir(dir.c_str(), mode) != 0 && errno != EEXIST) fail(dir, "cannot make the folder");
  if (user.other && ::chmod(dir.c_str(), mode) != 0) fail(dir, "cannot open the folder to others");
}

bool empty_or_ours(const fs::path& dir) {
  std::error_code error;
  if (fs::exists(dir / kLockName, error)) return true;
  const bool empty = fs::is_empty(dir, error);
  if (error)
    throw DataDirError(fmt::format("{}: cannot read it: {}", dir.string(), error.message()));
  return empty;
}

std::string lock_holder(int fd) {
  std::array<char, 16> text{};
  const ssize_t got = ::pread(fd, text.data(), text.size() - 1, 0);
  return got > 0 ? fmt::format(" (process {})", std::string(text.data())) : "";
}

UniqueFd take_lock(const fs::path& dir, const ServerUser& user) {
  const auto path = dir / kLockName;
  // The folder belongs to `user`, who could plant a link to a file of root's.
  UniqueFd lock(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, kPrivateFile));
  struct stat status {};
  if (!lock || ::fstat(lock.get(), &status) != 0) fail(path, "cannot open the lock");
  if (!S_ISREG(status.st_mode) || status.st_nlink != 1) {
    throw DataDirError(fmt::format("{}: not a plain file", path.string()));
  }
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) fail(path, "cannot lock it");
    throw DataDirError(
        fmt::format("the data directory {} is in use by another Ordercast{}: stop it, or choose "
                    "another with --data-dir",
                    dir.string(), lock_holder(lock.get())));
  }
  const auto pid = fmt::format("{}", ::getpid());
  if ((user.other && ::fchown(lock.get(), user.ids.uid, user.ids.gid) != 0) ||
      ::ftruncate(lock.get(), 0) != 0 || ::pwrite(lock.get(), pid.data(), pid.size(), 0) < 0) {
    fail(path, "cannot write the lock");
  }
  return lock;
}

bool may_enter(const struct stat& dir, const UserIds& ids) {
  if (dir.st_uid == ids.uid) return (dir.st_mode & S_IXUSR) != 0;
  if (dir.st_gid == ids.gid) return (dir.st_mode & S_IXGRP) != 0;
  return (dir.st_mode & S_IXOTH) != 0;
}

template <typename Number>
std::optional<Number> first_number_in(const fs::path& file) {
  std::ifstream in(file);
  Number number{};
  if (in >> number) return number;
  return std::nullopt;
}

}  // namespace

fs::path default_data_dir() {
  const char* data_home = std::getenv("XDG_DATA_HOME");
  // The specification: relative paths are invalid and to be ignored.
  if (data_home != nullptr && data_home[0] == '/') return fs::path(data_home) / "ordercast";
  if (::geteuid() == 0) return "/var/lib/ordercast";
  const char* home = std::getenv("HOME");
  if (home != nullptr && home[0] == '/') return fs::path(home) / ".local/share/ordercast";
  throw DataDirError("neither XDG_DATA_HOME nor HOME is set: name a folder with --data-dir");
}

void make_private_dir(const fs::path& dir, const ServerUser& user) {
  if (::mkdir(dir.c_str(), kPrivateDir) != 0 && errno != EEXIST)
    fail(dir, "cannot make the folder");
  const UniqueFd fd(::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) fail(dir, "cannot use the folder");
  if (status.st_uid != user.ids.uid) {
    // What root made is ours to give away; what a third user has is that user's.
    if (!user.other || status.st_uid != 0) {
      throw DataDirError(
          fmt::format("{}: belongs to the user id {}, not to {}: choose another "
                      "--data-dir, or run Ordercast as its owner",
                      dir.string(), status.st_uid, user.name));
    }
    if (::fchown(fd.get(), user.ids.uid, user.ids.gid) != 0) {
      fail(dir, fmt::format("cannot give the folder to {}", user.name).c_str());
    }
  }
  if (::fchmod(fd.get(), kPrivateDir) != 0) fail(dir, "cannot close the folder to others");
}

DataDir::DataDir(const fs::path& path, const ServerUser& user)
    : path_(fs::absolute(path).lexically_normal()) {
  if (!path_.has_filename()) path_ = path_.parent_path();
  make_parents(path_.parent_path(), user);
  if (status_of(path_) && !empty_or_ours(path_)) {
    throw DataDirError(
        fmt::format("{}: holds other files, and Ordercast's data directory must be its own: choose "
                    "an empty or new "
                    "folder with --data-dir",
                    path_.string()));
  }
  make_private_dir(path_, user);
  lock_ = take_lock(path_, user);
}

std::optional<int> DataDir::major() const {
  return first_number_in<int>(cluster() / "PG_VERSION");
}

std::optional<pid_t> DataDir::postmaster() const {
  return first_number_in<pid_t>(cluster() / "postmaster.pid");
}

std::string explain_unreachable(const fs::path& dir, const ServerUser& user) {
  fs::path at;
  for (const auto& part : dir) {
    at /= part;
    const auto status = status_of(at);
    if (!status || may_enter(*status, user.ids)) continue;
    return fmt::format(
        "the private PostgreSQL runs as the user {}, who may not enter {} on the way to {}: choose "
        "a "
        "--data-dir elsewhere (such as /var/lib/ordercast), or open that folder (chmod o+x)",
        user.name, at.string(), dir.string());
  }
  return fmt::format("the user {}, who runs the private PostgreSQL, may not enter {}", user.name,
                     dir.string());
}

}  // namespace ordercast::pg
