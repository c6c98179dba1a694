#include "core/regex_subset.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string>
#include <utility>

namespace ordercast {
namespace {

// Recursive descent; the depth of groups is bounded.
class RegexParser {
 public:
  explicit RegexParser(std::string_view pattern) : pattern_(pattern) {}

  PatternSpellings parse() {
    alternatives(0);
    if (!at_end()) fail("no ) without ( in a regular expression; a literal one is \\)");
    return std::move(out_);
  }

 private:
  static constexpr int kMaxGroups = 20;  // one in another

  [[noreturn]] void fail(const std::string& expected) const { throw BadPattern(next_, expected); }
  [[nodiscard]] bool at_end() const { return next_ == pattern_.size(); }
  [[nodiscard]] bool at(char c) const { return !at_end() && pattern_[next_] == c; }
  bool take(char c) {
    if (!at(c)) return false;
    ++next_;
    return true;
  }

  // Returns whether there was a counted repetition.
  bool alternatives(int depth) {
    bool counted = false;
    do {
      if (pattern_.substr(next_).starts_with('|')) {
        fail("something between | and |; a part that may be missing is (…)?");
      }
      while (!at_end() && !at('|') && !at(')')) counted |= piece(depth);
      if (!at('|')) break;
      ++next_;
      out_.both("|");
      if (at_end() || at(')')) fail("something after |; a part that may be missing is (…)?");
    } while (true);
    return counted;
  }

  bool piece(int depth) {
    if (at('^') || at('$')) {
      out_.both({&pattern_[next_++], 1});
      if (at_quantifier()) fail("no repetition of ^ or $");
      return false;
    }
    const bool counted_inside = atom(depth);
    return quantifier(counted_inside) || counted_inside;
  }

  [[nodiscard]] bool at_quantifier() const { return at('*') || at('+') || at('?') || at('{'); }

  bool atom(int depth) {
    if (at_quantifier()) {
      fail(fmt::format("something to repeat before {0}; a literal one is \\{0}", pattern_[next_]));
    }
    if (take('(')) return group(depth);
    if (take('[')) {
      bracket();
    } else if (take('.')) {
      out_.both(".");
    } else if (at('\\')) {
      escape();
    } else {
      // The bytes of one character are repeated as one.
      out_.literal(pattern_[next_++]);
      while (!at_end() && (pattern_[next_] & 0xC0) == 0x80) out_.both({&pattern_[next_++], 1});
    }
    return false;
  }

  bool group(int depth) {
    if (depth == kMaxGroups) fail(fmt::format("at most {} groups in each other", kMaxGroups));
    if (at('?') && !pattern_.substr(next_).starts_with("?:")) {
      fail("( or (?: ; other groups and look-around are not supported");
    }
    if (take('?')) ++next_;
    out_.both("(?:");
    if (at(')')) fail("something within ( )");
    const bool counted = alternatives(depth + 1);
    if (!take(')')) fail("a ) that ends the group; a literal ( is \\(");
    out_.both(")");
    return counted;
  }

  bool quantifier(bool counted_inside) {
    if (!at_quantifier()) return false;
    const bool counted = at('{');
    if (counted) {
      if (counted_inside) fail("no counted repetition of what has one inside");
      counts();
    } else {
      out_.both({&pattern_[next_++], 1});
    }
    if (at_quantifier()) fail("one repetition only: *, +, ? or {m,n}");
    return counted;
  }

  void counts() {
    constexpr const char* kForm =
        "{{m}}, {{m,}} or {{m,n}} with m <= n <= {}; a literal {{ is \\{{";
    const auto start = next_++;
    const auto least = number();
    std::optional<int> most = least;
    const bool has_comma = take(',');
    if (has_comma) most = number();
    const bool well_formed = least && (most || has_comma) && take('}');
    if (!well_formed || *least > kMaxRegexRepeat ||
        (most && (*most > kMaxRegexRepeat || *most < *least))) {
      next_ = start;
      fail(fmt::format(kForm, kMaxRegexRepeat));
    }
    out_.both(pattern_.substr(start, next_ - start));
  }

  std::optional<int> number() {
    int value = 0;
    const auto* const begin = pattern_.data() + next_;
    if (at_end() || *begin < '0' || *begin > '9') return std::nullopt;
    const auto parsed = std::from_chars(begin, pattern_.data() + pattern_.size(), value);
    next_ += static_cast<std::size_t>(parsed.ptr - begin);
    return parsed.ec == std::errc{} ? value : kMaxRegexRepeat + 1;
  }

  // What \d and its like stand for inside [ ]; PostgreSQL would ask the collation, RE2 its own
  // tables, so both are told.
  static std::string_view shorthand(char letter) {
    switch (letter) {
      case 'd':
      case 'D':
        return "0-9";
      case 'w':
      case 'W':
        return "0-9A-Za-z_";
      case 's':
      case 'S':
        return "\t\n\v\f\r ";
      default:
        return {};
    }
  }

  void escape() {
    ++next_;
    if (at_end()) fail("a character after \\");
    const char c = pattern_[next_];
    if (const auto members = shorthand(c); !members.empty()) {
      const bool negated = c >= 'A' && c <= 'Z';
      out_.both(negated ? "[^" : "[");
      out_.both(members);
      out_.both("]");
    } else if (PatternSpellings::is_punctuation(c)) {
      out_.literal(c);
    } else {
      fail("\\d \\w \\s \\D \\W \\S or a punctuation mark after \\");
    }
    ++next_;
  }

  void bracket() {
    out_.both(take('^') ? "[^" : "[");
    if (at(']')) fail("a character within [ ]; a literal ] is \\]");
    while (!at(']')) {
      if (at('\\') && next_ + 1 < pattern_.size()) {
        const char c = pattern_[next_ + 1];
        if (const auto members = shorthand(c); !members.empty()) {
          if (c >= 'A' && c <= 'Z') fail("\\d \\w \\s or a punctuation mark after \\ within [ ]");
          out_.both(members);
          next_ += 2;
          if (at('-')) fail("no range from a class; a literal - is \\-");
          continue;
        }
      }
      const auto start = next_;
      const auto first = member();
      if (!take('-')) continue;
      if (at(']')) {
        out_.literal('-');
        continue;
      }
      out_.both("-");
      if (const auto last = member(); last < first) {
        next_ = start;
        fail("a range from the lower to the higher character");
      }
    }
    ++next_;
    out_.both("]");
  }

  // One character of a bracket, which is written out; returned as its bytes.
  std::string_view member() {
    if (at_end()) fail("a ] that ends the bracket; a literal [ is \\[");
    if (at('[')) fail("no [ within [ ]; a literal one is \\[");
    if (take('\\') && (at_end() || !PatternSpellings::is_punctuation(pattern_[next_]))) {
      fail("\\d \\w \\s or a punctuation mark after \\ within [ ]");
    }
    const auto start = next_;
    out_.literal(pattern_[next_++]);
    while (!at_end() && (pattern_[next_] & 0xC0) == 0x80) out_.both({&pattern_[next_++], 1});
    return pattern_.substr(start, next_ - start);
  }

  std::string_view pattern_;
  std::size_t next_ = 0;
  PatternSpellings out_;
};

}  // namespace

PatternSpellings spell_regex(std::string_view pattern) {
  return RegexParser(pattern).parse();
}

}  // namespace ordercast
