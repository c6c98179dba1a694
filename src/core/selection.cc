#include "core/selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "core/filter_error.h"
#include "core/json_text.h"

namespace ordercast {
namespace {

constexpr std::string_view kNull = "null";

// PostgreSQL's own bound on names, so that a request cannot blow up what it is answered.
constexpr std::size_t kMaxNameBytes = 63;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

struct Wish {
  std::size_t at;  // where it begins
  std::string name;
  std::size_t column_at;
  std::string column;
};

class Parser {
 public:
  Parser(std::string_view text, const StreamInfo& stream) : text_(text), stream_(stream) {}

  std::vector<Wish> wishes() {
    std::vector<Wish> wishes;
    do {
      wishes.push_back(wish());
      refuse_repeated(wishes);
    } while (take(','));
    if (next_ < text_.size()) fail(next_, "',' or the end was expected");
    return wishes;
  }

  [[noreturn]] void fail(std::size_t offset, const std::string& problem) const {
    throw FilterError(stream_, {"select", std::string(text_)}, offset, problem);
  }

 private:
  Wish wish() {
    Wish wish{next_, "", next_, ""};
    const bool plain = next_ < text_.size() && text_[next_] != '"';
    wish.column = token();
    if (take(':')) {
      if (!plain) fail(wish.at, "a new name has letters, digits and '_' only");
      wish.name = std::move(wish.column);
      wish.column_at = next_;
      wish.column = token();
    } else {
      wish.name = wish.column;
    }
    const bool known = std::any_of(stream_.columns.begin(), stream_.columns.end(),
                                   [&](const Column& each) { return each.name == wish.column; });
    if (!known) fail(wish.column_at, fmt::format("there is no column '{}'", wish.column));
    return wish;
  }

  std::string token() {
    if (take('"')) return quoted_token();
    const auto begin = next_;
    while (next_ < text_.size() && is_word(text_[next_])) ++next_;
    if (next_ == begin) fail(begin, "a column was expected");
    if (next_ - begin > kMaxNameBytes) fail(begin, "a name has at most 63 characters");
    return std::string(text_.substr(begin, next_ - begin));
  }

  std::string quoted_token() {
    const auto begin = next_ - 1;
    std::string name;
    while (next_ < text_.size() && text_[next_] != '"') {
      if (text_[next_] == '\\' && next_ + 1 < text_.size()) ++next_;
      name += text_[next_++];
    }
    if (!take('"')) fail(begin, "this quote has no end");
    return name;
  }

  bool take(char c) {
    if (next_ == text_.size() || text_[next_] != c) return false;
    ++next_;
    return true;
  }

  void refuse_repeated(const std::vector<Wish>& wishes) const {
    const auto& last = wishes.back();
    for (auto other = wishes.begin(); other != wishes.end() - 1; ++other) {
      if (other->column == last.column) {
        fail(last.column_at, fmt::format("'{}' is there already", last.column));
      }
      if (other->name == last.name) {
        fail(last.at, fmt::format("the name '{}' is there already", last.name));
      }
    }
  }

  std::string_view text_;
  const StreamInfo& stream_;
  std::size_t next_ = 0;
};

}  // namespace

Selection Selection::parse(std::string_view text, const StreamInfo& stream) {
  Selection selection;
  if (text == "*") return selection;
  Parser parser(text, stream);
  const auto wishes = parser.wishes();
  for (const auto& wish : wishes) selection.items_.push_back({json_token(wish.name), wish.column});
  for (const auto& key : stream.key) {
    const auto same_column = [&](const Wish& wish) { return wish.column == key; };
    if (std::any_of(wishes.begin(), wishes.end(), same_column)) continue;
    const auto same_name = [&](const Wish& wish) { return wish.name == key; };
    const auto taken = std::find_if(wishes.begin(), wishes.end(), same_name);
    if (taken != wishes.end()) {
      parser.fail(taken->at, fmt::format("the name '{}' is that of a key column, which is always "
                                         "there",
                                         key));
    }
    selection.items_.push_back({json_token(key), key});
  }
  return selection;
}

Selection Selection::all_of(const StreamInfo& stream) {
  Selection selection;
  for (const auto& column : stream.columns) {
    selection.items_.push_back({json_token(column.name), column.name});
  }
  return selection;
}

std::string Selection::canonical() const {
  std::string text;
  for (const auto& item : items_) {
    fmt::format_to(std::back_inserter(text), "{}:{},", item.name, json_token(item.column));
  }
  return text;
}

void Selection::append_row(std::string& out, const Row& row) const {
  char separator = '{';
  for (const auto& item : items_) {
    fmt::format_to(std::back_inserter(out), "{}{}:{}", separator, item.name,
                   row.find(item.column).value_or(kNull));
    separator = ',';
  }
  out += '}';
}

void Selection::append_changed(std::string& out, const Row& before, const Row& after) const {
  out += '{';
  const char* separator = "";
  for (const auto& item : items_) {
    const auto was = before.find(item.column).value_or(kNull);
    const auto is = after.find(item.column).value_or(kNull);
    if (was == is) continue;
    fmt::format_to(std::back_inserter(out), "{}{}:[{},{}]", separator, item.name, was, is);
    separator = ",";
  }
  out += '}';
}

bool Selection::differs(const Row& before, const Row& after) const {
  return std::any_of(items_.begin(), items_.end(), [&](const Item& item) {
    return before.find(item.column).value_or(kNull) != after.find(item.column).value_or(kNull);
  });
}

}  // namespace ordercast
