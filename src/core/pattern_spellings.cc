#include "core/pattern_spellings.h"

namespace ordercast {

void PatternSpellings::both(std::string_view text) {
  re2 += text;
  sql += text;
}

void PatternSpellings::literal(char c) {
  if (needs_escape(c)) both("\\");
  both({&c, 1});
}

bool PatternSpellings::is_punctuation(char c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
         (c >= '{' && c <= '~');
}

// RE2 knows no \_, and it needs none.
bool PatternSpellings::needs_escape(char c) {
  return is_punctuation(c) && c != '_';
}

}  // namespace ordercast
