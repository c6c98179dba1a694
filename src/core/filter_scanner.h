// Reads the text of a filter's parameter from left to right: its marks, names, quoted and plain
// values. What they mean is FilterParser's. Confined to one thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/parameter.h"
#include "core/stream_info.h"

namespace ordercast {

class FilterScanner {
 public:
  // Where a text is: a parameter's name is all of one column, what is in parentheses ends at a
  // comma.
  enum class Place { kName, kValue, kParentheses };

  // A client's value without its quotes.
  struct Value {
    std::string text;
    std::size_t start;  // offset of its first character
    bool quoted;
  };

  // Stands at the beginning of the name. Both outlive it.
  FilterScanner(const StreamInfo& stream, const Parameter& parameter)
      : stream_(stream), parameter_(parameter), text_(parameter.name) {}

  // Leaves the name behind.
  void go_to_value(Place place);

  [[nodiscard]] std::size_t offset() const { return next_; }
  [[nodiscard]] std::string_view rest() const { return text_.substr(next_); }
  // From the offset `start` to where it stands.
  [[nodiscard]] std::string_view since(std::size_t start) const {
    return text_.substr(start, next_ - start);
  }
  [[nodiscard]] bool at(char c) const { return next_ < text_.size() && text_[next_] == c; }

  // False, and where it was, when `text` does not follow.
  bool take(std::string_view text);
  // As far as all characters are between the two.
  std::string_view take_range(char first, char last);
  void skip_spaces() { take_range(' ', ' '); }
  // Of a column or a key.
  [[nodiscard]] std::string name() { return at('"') ? quoted() : std::string(plain_name()); }
  [[nodiscard]] std::string_view plain_name();
  [[nodiscard]] std::string quoted();
  // All that is left; in parentheses, an element.
  [[nodiscard]] Value value();
  // "(a,b,…)" of `most` at most.
  [[nodiscard]] std::vector<Value> list(std::size_t most);
  // Where the byte `offset` of a value stands in the text.
  [[nodiscard]] std::size_t offset_in(const Value& value, std::size_t offset) const;

  void expect(std::string_view text, std::string_view behind);
  void expect_end() const;
  // Throw FilterError; without `at` it is where it stands.
  [[noreturn]] void fail(std::size_t at, const std::string& problem) const;
  [[noreturn]] void fail(const std::string& problem) const { fail(next_, problem); }

 private:
  [[nodiscard]] Value element();

  const StreamInfo& stream_;
  const Parameter& parameter_;
  std::string_view text_;
  Place place_ = Place::kName;
  std::size_t next_ = 0;
};

}  // namespace ordercast
