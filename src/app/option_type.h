// What an option takes, as CLI11 tells it: in the text behind its name in --help, and nowhere else,
// for it keeps copies of validators as functions. This is the one place that reads that text. A
// value.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ordercast::app {

struct OptionType {
  std::string name;                  // "INT", "UINT", "FLOAT", "TEXT", or what it was given: "FILE"
  std::vector<std::string> choices;  // of CLI::IsMember: the only values that it takes; empty: any
  std::optional<std::pair<double, double>> range;  // of CLI::Range: the least and the greatest

  // "TEXT:{notify,poll}", "INT:INT in [1 - 9]", "HOST:PORT".
  [[nodiscard]] static OptionType parse(std::string_view text);
  [[nodiscard]] static OptionType of(const CLI::Option& option) {
    return parse(option.get_type_name());
  }
};

}  // namespace ordercast::app
