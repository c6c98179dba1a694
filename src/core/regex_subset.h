// Regular expressions of the part that POSIX, PostgreSQL and RE2 agree on: literals, . ^ $ ( ) (?:
// ) | * + ? {m,n} [abc] [^a-z] \d \w \s \D \W \S (ASCII), and \ before a punctuation mark. What is
// outside of it is refused, not guessed. Pure function.
#pragma once

#include <string_view>

#include "core/pattern_spellings.h"

namespace ordercast {

inline constexpr int kMaxRegexRepeat = 100;  // {m,n}; both engines unroll it

// Written from what was parsed, so that a character that only one of the engines takes for special
// cannot tell them apart. Throws BadPattern.
[[nodiscard]] PatternSpellings spell_regex(std::string_view pattern);

}  // namespace ordercast
