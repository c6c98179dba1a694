// The file that the private PostgreSQL's programs print to. Confined to its owner's thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace ordercast::pg {

class ServerLog {
 public:
  // Starts afresh when the file has outgrown kMaxBytes; the old one is kept as <file>.1.
  explicit ServerLog(std::filesystem::path file);

  // What was printed since this object was made: its last kTailLines lines, at most kTailBytes.
  [[nodiscard]] std::string tail() const;

  static constexpr std::uintmax_t kMaxBytes = 1 << 20;  // months of a quiet server
  static constexpr int kTailLines = 8;                  // an initdb or start failure fits
  static constexpr std::uintmax_t kTailBytes = 2048;

 private:
  std::filesystem::path file_;
  std::uintmax_t start_ = 0;
};

}  // namespace ordercast::pg
