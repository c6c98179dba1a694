#include "app/temporary_dir.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

namespace ordercast::app {

TemporaryDir::TemporaryDir(std::string_view prefix) {
  std::string name =
      fmt::format("{}/{}-XXXXXX", std::filesystem::temp_directory_path().string(), prefix);
  if (::mkdtemp(name.data()) == nullptr)
    throw std::system_error(errno, std::generic_category(), name);
  path_ = name;
}

TemporaryDir::~TemporaryDir() {
  std::error_code ignored;  // what cannot be removed is left behind in the temporary folder
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace ordercast::app
