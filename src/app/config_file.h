// A configuration file: TOML (https://toml.io), of which we take top-level keys with a text, a
// number, true or false, or a list of these. What the keys mean, ConfigOption knows. A value.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ordercast::app {

struct ConfigEntry {
  // As the file has it; kOther is what no option takes: a table, a date, a list of lists.
  enum class Kind { kText, kInteger, kNumber, kBoolean, kOther };

  std::string key;
  std::size_t line = 0;
  Kind kind = Kind::kOther;  // of each element, when it is a list of one kind
  bool list = false;
  std::vector<std::string> values;  // as a flag would have them: one, or those of the list
};

struct ConfigFile {
  std::string path;
  std::vector<ConfigEntry> entries;  // in the order of the file

  // Throws ConfigError: the file cannot be read, or is no TOML.
  [[nodiscard]] static ConfigFile read(const std::string& path);
};

// A text as TOML has it, quoted.
[[nodiscard]] std::string toml_quoted(std::string_view text);

}  // namespace ordercast::app
