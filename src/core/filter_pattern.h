// The pattern of like, ilike or match, in two spellings: for RE2, which runs it here in time linear
// in the text and in bounded memory, and for PostgreSQL. Both are written from what was parsed, so
// that a character that only one of the engines takes for special cannot tell them apart.
//
// like: % and, as in PostgREST, * stand for any characters, _ for one; a backslash takes the next
//   character literally.
// ilike: the same; the letters A to Z, and no others, are equal to their lower case.
// match: a regular expression, of the part that POSIX, PostgreSQL and RE2 agree on: literals, . ^ $
//   ( ) (?: ) | * + ? {m,n} [abc] [^a-z] \d \w \s \D \W \S (ASCII), and \ before a punctuation
//   mark. It may match anywhere. A dot matches a line break too; ^ and $ are the ends of the whole
//   text.
//
// Immutable, thread-safe.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace ordercast {

// what() says what was expected; `offset` is the byte of the pattern where it was not found.
struct BadPattern : std::invalid_argument {
  BadPattern(std::size_t at, const std::string& expected)
      : std::invalid_argument(expected), offset(at) {}
  std::size_t offset;
};

class FilterPattern {
 public:
  enum class Syntax { kLike, kIlike, kMatch };

  // Throws BadPattern.
  FilterPattern(Syntax syntax, std::string_view text);
  ~FilterPattern();
  FilterPattern(const FilterPattern&) = delete;
  FilterPattern& operator=(const FilterPattern&) = delete;

  [[nodiscard]] bool matches(std::string_view text) const;
  // For PostgreSQL's LIKE, ILIKE or ~ with COLLATE "C".
  [[nodiscard]] const std::string& sql() const { return sql_; }

  static constexpr int kMaxRepeat = 100;  // {m,n}; both engines unroll it

 private:
  Syntax syntax_;
  std::string sql_;
  std::unique_ptr<const re2::RE2> engine_;
};

}  // namespace ordercast
