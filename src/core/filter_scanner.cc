#include "core/filter_scanner.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "core/filter_error.h"

namespace ordercast {

void FilterScanner::go_to_value(Place place) {
  text_ = parameter_.value;
  place_ = place;
  next_ = 0;
}

bool FilterScanner::take(std::string_view text) {
  if (!rest().starts_with(text)) return false;
  next_ += text.size();
  return true;
}

std::string_view FilterScanner::take_range(char first, char last) {
  const auto start = next_;
  while (next_ < text_.size() && text_[next_] >= first && text_[next_] <= last) ++next_;
  return since(start);
}

std::string_view FilterScanner::plain_name() {
  const auto start = next_;
  const std::string_view stops = place_ == Place::kName ? "" : ".,()\"";
  while (next_ < text_.size() && !rest().starts_with("->") &&
         stops.find(text_[next_]) == stops.npos) {
    ++next_;
  }
  return since(start);
}

std::string FilterScanner::quoted() {
  const auto start = next_++;
  std::string text;
  for (; next_ < text_.size(); ++next_) {
    if (at('"')) {
      ++next_;
      return text;
    }
    if (at('\\') && next_ + 1 < text_.size()) ++next_;
    text += text_[next_];
  }
  fail(start, "expected a \" that ends what this one begins");
}

FilterScanner::Value FilterScanner::value() {
  if (place_ == Place::kParentheses) return element();
  Value all{std::string(rest()), next_, false};
  next_ = text_.size();
  return all;
}

FilterScanner::Value FilterScanner::element() {
  const auto start = next_;
  if (!at('"')) {
    while (next_ < text_.size() && !at(',') && !at(')')) ++next_;
    return {std::string(since(start)), start, false};
  }
  auto text = quoted();
  if (!at(',') && !at(')')) fail("expected , or ) after a quoted value");
  return {std::move(text), start, true};
}

std::vector<FilterScanner::Value> FilterScanner::list(std::size_t most) {
  if (!take("(")) fail("expected a list such as (a,b,\"c, d\")");
  std::vector<Value> elements;
  do {
    if (elements.size() == most) fail(fmt::format("a list has at most {} elements", most));
    elements.push_back(element());
    const auto& last = elements.back();
    if (last.text.empty() && !last.quoted) {
      fail(last.start, "expected an element of the list; the empty text is \"\"");
    }
  } while (take(","));
  if (!take(")")) fail("expected , and another element, or )");
  return elements;
}

std::size_t FilterScanner::offset_in(const Value& value, std::size_t offset) const {
  if (!value.quoted) return value.start + offset;
  auto at = value.start + 1;
  for (; offset > 0; --offset) at += text_[at] == '\\' ? 2 : 1;
  return at;
}

void FilterScanner::expect(std::string_view text, std::string_view behind) {
  if (!take(text)) fail(fmt::format("expected {} after {}", text, behind));
}

void FilterScanner::expect_end() const {
  if (!rest().empty()) fail("expected nothing more");
}

void FilterScanner::fail(std::size_t at, const std::string& problem) const {
  throw FilterError(stream_, parameter_, place_ == Place::kName ? std::nullopt : std::optional(at),
                    problem);
}

}  // namespace ordercast
