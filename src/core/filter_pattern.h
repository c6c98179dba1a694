// The pattern of like, ilike or match, in two spellings: for RE2, which runs it here in time linear
// in the text and in bounded memory, and for PostgreSQL. Both are written from what was parsed, so
// that a character that only one of the engines takes for special cannot tell them apart.
//
// like: % and, as in PostgREST, * stand for any characters, _ for one; a backslash takes the next
//   character literally.
// ilike: the same; the letters A to Z, and no others, are equal to their lower case.
// match: a regular expression (regex_subset.h). It may match anywhere. A dot matches a line break
//   too; ^ and $ are the ends of the whole text.
//
// Immutable, thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/pattern_spellings.h"

namespace re2 {
class RE2;
}

namespace ordercast {

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

 private:
  Syntax syntax_;
  std::string sql_;
  std::unique_ptr<const re2::RE2> engine_;
};

}  // namespace ordercast
