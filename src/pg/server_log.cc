#include "pg/server_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/unique_fd.h"

namespace ordercast::pg {

namespace fs = std::filesystem;

ServerLog::ServerLog(fs::path file) : file_(std::move(file)) {
  std::error_code error;
  const auto size = fs::file_size(file_, error);
  if (error) return;
  if (size > kMaxBytes) {
    fs::rename(file_, file_.native() + ".1", error);
  } else {
    start_ = size;
  }
}

std::string ServerLog::tail() const {
  std::error_code error;
  const auto end = fs::file_size(file_, error);
  // Not through a link: the folder is another user's when we are root, and this text is shown.
  const UniqueFd fd(::open(file_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (error || !fd || end <= start_) return "";
  const auto bytes = std::min(end - start_, kTailBytes);
  std::string text(bytes, '\0');
  const auto got = ::pread(fd.get(), text.data(), bytes, static_cast<off_t>(end - bytes));
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  while (text.ends_with('\n')) text.pop_back();
  auto cut = text.size();
  for (int lines = 0; lines < kTailLines && cut != text.npos && cut > 0; ++lines) {
    cut = text.rfind('\n', cut - 1);
  }
  return cut == text.npos || cut == 0 ? text : text.substr(cut + 1);
}

}  // namespace ordercast::pg
