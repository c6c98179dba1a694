#include "core/snapshot.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace ordercast {
namespace {

// Takes digits up to `end` of text or one of ":,"; nullopt when there are none or they overflow.
std::optional<TransactionId> take_number(std::string_view& text) {
  TransactionId value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  return value;
}

bool take_char(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::optional<Snapshot> Snapshot::parse(std::string_view text) {
  Snapshot snapshot;
  const auto xmin = take_number(text);
  if (!xmin || !take_char(text, ':')) return std::nullopt;
  const auto xmax = take_number(text);
  if (!xmax || !take_char(text, ':')) return std::nullopt;
  snapshot.xmin = *xmin;
  snapshot.xmax = *xmax;
  while (!text.empty()) {
    if (!snapshot.xip.empty() && !take_char(text, ',')) return std::nullopt;
    const auto id = take_number(text);
    if (!id) return std::nullopt;
    snapshot.xip.push_back(*id);
  }
  if (!snapshot.valid()) return std::nullopt;
  return snapshot;
}

std::string Snapshot::text() const {
  return fmt::format("{}:{}:{}", xmin, xmax, fmt::join(xip, ","));
}

bool Snapshot::valid() const {
  if (xmin == 0 || xmin > xmax) return false;
  const auto not_ascending = std::adjacent_find(xip.begin(), xip.end(), std::greater_equal<>());
  if (not_ascending != xip.end()) return false;
  return xip.empty() ? xmin == xmax : xip.front() == xmin && xip.back() < xmax;
}

bool Snapshot::sees(TransactionId tx) const {
  if (tx < xmin) return true;
  if (tx >= xmax) return false;
  return !std::binary_search(xip.begin(), xip.end(), tx);
}

bool Snapshot::contains(const Snapshot& earlier) const {
  // Seen by `earlier` and unknown here: ids from our xmax on that had ended for `earlier`.
  if (earlier.xmax > xmax) {
    const auto first = std::lower_bound(earlier.xip.begin(), earlier.xip.end(), xmax);
    const auto running = static_cast<TransactionId>(earlier.xip.end() - first);
    if (running != earlier.xmax - xmax) return false;
  }
  return std::none_of(xip.begin(), xip.end(), [&](TransactionId tx) { return earlier.sees(tx); });
}

Snapshot Snapshot::below(TransactionId limit) const {
  if (limit >= xmax) return *this;
  Snapshot result{xmin, limit, xip};
  result.xip.erase(std::lower_bound(result.xip.begin(), result.xip.end(), limit), result.xip.end());
  result.xmin = result.xip.empty() ? limit : result.xip.front();
  return result;
}

}  // namespace ordercast
