// A fresh folder that is removed, with all that is in it, when this object goes. Confined to one
// thread.
#pragma once

#include <filesystem>
#include <string_view>

namespace ordercast::app {

class TemporaryDir {
 public:
  // $TMPDIR or /tmp, below it `prefix` and six random characters. Throws std::system_error.
  explicit TemporaryDir(std::string_view prefix);
  ~TemporaryDir();
  TemporaryDir(const TemporaryDir&) = delete;
  TemporaryDir& operator=(const TemporaryDir&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace ordercast::app
