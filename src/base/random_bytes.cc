#include "base/random_bytes.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace ordercast {

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  if (::getentropy(bytes.data(), bytes.size()) != 0) {
    throw std::system_error(errno, std::generic_category(), "getentropy");
  }
  return bytes;
}

}  // namespace ordercast
