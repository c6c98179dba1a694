// A pattern in the spelling of RE2 and in PostgreSQL's, while both are written side by side. Value
// type.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace ordercast {

// what() says what was expected; `offset` is the byte of the pattern where it was not found.
struct BadPattern : std::invalid_argument {
  BadPattern(std::size_t at, const std::string& expected)
      : std::invalid_argument(expected), offset(at) {}
  std::size_t offset;
};

struct PatternSpellings {
  std::string re2;
  std::string sql;

  void both(std::string_view text);
  // A character of a regular expression that stands for itself.
  void literal(char c);

  // ASCII.
  [[nodiscard]] static bool is_punctuation(char c);
  // To stand for itself, it takes a backslash before it.
  [[nodiscard]] static bool needs_escape(char c);
};

}  // namespace ordercast
