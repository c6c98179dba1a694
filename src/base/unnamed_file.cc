#include "base/unnamed_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace ordercast {
namespace {

[[noreturn]] void fail(int error) {
  throw std::system_error(error, std::generic_category(), "temporary file");
}

int open_unnamed() {
  const auto folder = std::filesystem::temp_directory_path();
  const int fd = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0) return fd;
  // Not every file system has O_TMPFILE.
  auto name = (folder / "ordercast-XXXXXX").string();
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named < 0) fail(errno);
  ::unlink(name.c_str());
  return named;
}

}  // namespace

UnnamedFile::UnnamedFile() : fd_(open_unnamed()) {}

void UnnamedFile::append(std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(fd_.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

void UnnamedFile::read_at(std::size_t offset, std::span<char> into) const {
  while (!into.empty()) {
    const auto taken = ::pread(fd_.get(), into.data(), into.size(), static_cast<off_t>(offset));
    if (taken < 0 && errno == EINTR) continue;
    if (taken <= 0) fail(taken < 0 ? errno : EIO);
    offset += static_cast<std::size_t>(taken);
    into = into.subspan(static_cast<std::size_t>(taken));
  }
}

}  // namespace ordercast
