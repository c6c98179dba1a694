// Text that is written once and then read once, front to back: the first part in memory, the rest
// in a temporary file without a name, so that any amount costs bounded memory. Confined to one
// thread.
#pragma once

#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace ordercast::http {

class Spool {
 public:
  // Throws std::system_error when the temporary file cannot be had.
  void append(std::string_view text);

  // Hands all of it to `part` and is empty then; stops, and says false, when `part` does.
  [[nodiscard]] bool drain(const std::function<bool(std::string_view)>& part);

 private:
  // A few hundred rows need no file.
  static constexpr std::size_t kMemoryBytes = std::size_t{1} << 20;
  static constexpr std::size_t kPartBytes = std::size_t{64} << 10;

  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::string memory_;
  std::unique_ptr<std::FILE, Closer> file_;
};

}  // namespace ordercast::http
