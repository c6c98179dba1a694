#include "http/spool.h"

#include <cerrno>
#include <system_error>

namespace ordercast::http {

void Spool::append(std::string_view text) {
  if (!file_ && memory_.size() + text.size() <= kMemoryBytes) {
    memory_ += text;
    return;
  }
  if (!file_) file_.reset(std::tmpfile());
  if (!file_ || std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size()) {
    throw std::system_error(errno, std::generic_category(), "temporary file");
  }
}

bool Spool::drain(const std::function<bool(std::string_view)>& part) {
  const std::string memory = std::move(memory_);
  const auto file = std::move(file_);
  if (!memory.empty() && !part(memory)) return false;
  if (!file) return true;
  std::rewind(file.get());
  std::string buffer(kPartBytes, '\0');
  while (const auto size = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
    if (!part({buffer.data(), size})) return false;
  }
  if (std::ferror(file.get()))
    throw std::system_error(EIO, std::generic_category(), "temporary file");
  return true;
}

}  // namespace ordercast::http
