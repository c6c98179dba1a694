#include "core/reset.h"

#include <fmt/format.h>

#include <iterator>
#include <stdexcept>

namespace ordercast {
namespace {

struct Reason {
  std::string_view word;
  std::string_view what_happened;
  bool rows_remain;  // the client has to read them
};

// Plain text: it is put into JSON as it is.
constexpr Reason kReasons[] = {
    {"truncate", "The table was emptied by TRUNCATE", false},
    {"reload", "Rows were changed in a way that is not told row by row", true},
    {"too_large", "A row changed that is too large to be looked at with your filter", true},
    {"retention", "The changes after your cursor are no longer kept", true},
    {"epoch",
     "Your cursor is of another database, or of a state that this one lost in a restore or a "
     "failover",
     true},
    {"bad_cursor", "Your Last-Event-ID is not a cursor of this server", true},
};

constexpr std::string_view kForget = "forget the rows that you hold";
constexpr std::string_view kReadAgain =
    " and take those that are there now (they follow if you asked with snapshot=true; else ask so)";

const Reason& find_reason(std::string_view word) {
  for (const auto& reason : kReasons) {
    if (reason.word == word) return reason;
  }
  throw std::logic_error(fmt::format("'{}' is no reason of a reset", word));
}

}  // namespace

std::string_view reset_reason(Op op) {
  return op == Op::kTruncate ? "truncate" : "reload";
}

std::string reset_data(std::string_view reason, const Change* cause) {
  const auto& found = find_reason(reason);
  auto data = fmt::format(R"({{"reason":"{}","message":"{}: {}{}.")", found.word,
                          found.what_happened, kForget, found.rows_remain ? kReadAgain : "");
  if (cause != nullptr) {
    fmt::format_to(std::back_inserter(data), R"(,"at":"{}","seq":{})", cause->at, cause->seq);
  }
  data += '}';
  return data;
}

}  // namespace ordercast
