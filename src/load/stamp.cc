#include "load/stamp.h"

#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <ctime>

namespace ordercast::load {
namespace {

constexpr std::string_view kMark = "~stamp:";

// A number that ends with `end`; moves `at` behind both.
template <typename Number>
bool take_number(const char*& at, const char* limit, char end, Number& number) {
  const auto [next, error] = std::from_chars(at, limit, number);
  if (error != std::errc() || next == limit || *next != end) return false;
  at = next + 1;
  return true;
}

}  // namespace

std::string Stamp::text() const {
  return fmt::format("{}{}:{}~", kMark, seq, sent_ns);
}

std::optional<Stamp> Stamp::find(std::string_view payload) {
  // memmem is several times faster than string_view::find, and this runs for every delivery.
  const void* found = ::memmem(payload.data(), payload.size(), kMark.data(), kMark.size());
  if (found == nullptr) return std::nullopt;
  const char* at = static_cast<const char*>(found) + kMark.size();
  const char* const limit = payload.data() + payload.size();
  Stamp stamp;
  if (!take_number(at, limit, ':', stamp.seq)) return std::nullopt;
  if (!take_number(at, limit, '~', stamp.sent_ns)) return std::nullopt;
  return stamp;
}

std::int64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace ordercast::load
