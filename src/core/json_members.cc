#include "core/json_members.h"

#include <stdexcept>

namespace ordercast {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) { skip_space(); }

  [[nodiscard]] bool at(char c) const { return next_ < text_.size() && text_[next_] == c; }

  void expect(char c) {
    if (!at(c)) throw std::invalid_argument("not a JSON object or array");
    ++next_;
    skip_space();
  }

  std::string_view string() {
    const auto start = next_;
    if (!at('"')) throw std::invalid_argument("not a JSON object: a member has no name");
    skip_string();
    const auto token = text_.substr(start, next_ - start);
    skip_space();
    return token;
  }

  // Up to the comma, brace or bracket that ends it at this depth.
  std::string_view value() {
    const auto start = next_;
    for (int depth = 0; next_ < text_.size();) {
      const char c = text_[next_];
      if (depth == 0 && (c == ',' || c == '}' || c == ']')) break;
      if (c == '"') {
        skip_string();
        continue;
      }
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      ++next_;
    }
    const auto token = text_.substr(start, next_ - start);
    const auto last = token.find_last_not_of(kSpace);
    if (last == std::string_view::npos)
      throw std::invalid_argument("a JSON member or element has no value");
    return token.substr(0, last + 1);
  }

 private:
  void skip_string() {
    for (++next_; next_ < text_.size(); ++next_) {
      if (text_[next_] == '\\') {
        ++next_;
      } else if (text_[next_] == '"') {
        ++next_;
        return;
      }
    }
    throw std::invalid_argument("a JSON string has no end");
  }

  void skip_space() {
    while (next_ < text_.size() && kSpace.find(text_[next_]) != std::string_view::npos) ++next_;
  }

  std::string_view text_;
  std::size_t next_ = 0;
};

}  // namespace

std::vector<JsonMember> json_members(std::string_view object) {
  std::vector<JsonMember> members;
  Scanner scanner(object);
  scanner.expect('{');
  while (!scanner.at('}')) {
    if (!members.empty()) scanner.expect(',');
    JsonMember member;
    member.name = scanner.string();
    scanner.expect(':');
    member.value = scanner.value();
    members.push_back(member);
  }
  return members;
}

std::vector<std::string_view> json_elements(std::string_view array) {
  std::vector<std::string_view> elements;
  Scanner scanner(array);
  scanner.expect('[');
  while (!scanner.at(']')) {
    if (!elements.empty()) scanner.expect(',');
    elements.push_back(scanner.value());
  }
  return elements;
}

}  // namespace ordercast
