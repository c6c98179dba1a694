// What is wrong with a configuration, all of it: each problem is one line, "FILE:LINE: …".
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace ordercast::app {

class ConfigError : public std::runtime_error {
 public:
  explicit ConfigError(std::vector<std::string> problems)
      : std::runtime_error(fmt::format("{}", fmt::join(problems, "\n"))),
        problems_(std::move(problems)) {}

  [[nodiscard]] const std::vector<std::string>& problems() const { return problems_; }

 private:
  std::vector<std::string> problems_;
};

}  // namespace ordercast::app
