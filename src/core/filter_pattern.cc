#include "core/filter_pattern.h"

#include <re2/re2.h>

#include "core/regex_subset.h"

namespace ordercast {
namespace {

using Syntax = FilterPattern::Syntax;

// Of each pattern: what is compiled, and the states that matching has come by. When it is full, RE2
// forgets them and goes on, at last without.
constexpr std::int64_t kEngineBytes = 1 << 18;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

std::string lower(std::string_view text) {
  std::string folded(text);
  for (auto& c : folded) c = lower(c);
  return folded;
}

PatternSpellings like(std::string_view pattern) {
  PatternSpellings out;
  out.re2 = "\\A(?:";
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    char c = pattern[i];
    if (c == '%' || c == '*') {
      // One for several in a row: they say no more, and cost.
      if (!out.re2.ends_with(".*")) {
        out.re2 += ".*";
        out.sql += '%';
      }
      continue;
    }
    if (c == '_') {
      out.re2 += '.';
      out.sql += '_';
      continue;
    }
    if (c == '\\') {
      if (++i == pattern.size()) throw BadPattern(i, "a character after \\ in a pattern");
      c = pattern[i];
      out.sql += '\\';
    }
    if (PatternSpellings::needs_escape(c)) out.re2 += '\\';
    out.re2 += c;
    out.sql += c;
  }
  out.re2 += ")\\z";
  return out;
}

}  // namespace

FilterPattern::FilterPattern(Syntax syntax, std::string_view text) : syntax_(syntax) {
  auto spellings = syntax == Syntax::kMatch ? spell_regex(text)
                                            : like(syntax == Syntax::kIlike ? lower(text) : text);
  sql_ = std::move(spellings.sql);
  RE2::Options options;
  options.set_max_mem(kEngineBytes);
  options.set_log_errors(false);
  options.set_dot_nl(true);
  options.set_never_capture(true);
  engine_ = std::make_unique<RE2>(spellings.re2, options);
  if (!engine_->ok()) {
    throw BadPattern(0, engine_->error_code() == RE2::ErrorPatternTooLarge
                            ? "a simpler pattern, with fewer or smaller repetitions"
                            : "a pattern in UTF-8");
  }
}

FilterPattern::~FilterPattern() = default;

bool FilterPattern::matches(std::string_view text) const {
  if (syntax_ == Syntax::kIlike) return RE2::PartialMatch(lower(text), *engine_);
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *engine_);
}

}  // namespace ordercast
