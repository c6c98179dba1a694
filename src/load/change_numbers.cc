#include "load/change_numbers.h"

#include <charconv>
#include <chrono>

#include "core/civil_time.h"

namespace ordercast::load {
namespace {

// From 1970, which the system's clock counts from, to 2000, which PostgreSQL does.
constexpr std::int64_t kEpochSeconds = 946'684'800;
constexpr std::int64_t kNsOfSecond = 1'000'000'000;
constexpr std::int64_t kNsOfMicrosecond = 1'000;

// What stands behind the last `mark`; empty when it is not there.
std::string_view behind_last(std::string_view data, std::string_view mark) {
  const auto at = data.rfind(mark);
  return at == data.npos ? std::string_view() : data.substr(at + mark.size());
}

}  // namespace

ChangeNumbers::ChangeNumbers() {
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  const auto wall_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(wall).count();
  wall_clock_offset_ns_ = now_ns() - (wall_ns - kEpochSeconds * kNsOfSecond);
}

std::optional<Stamp> ChangeNumbers::of(std::string_view data) {
  const auto at = behind_last(data, R"("at":")");
  const auto digits = behind_last(data, R"("seq":)");
  const auto time = parse_timestamp(at.substr(0, at.find('"')), TimeSource::kRow, TimeZone::kTaken);
  std::uint64_t seq = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), seq);
  if (!time || digits.empty() || parsed.ec != std::errc()) return std::nullopt;

  const auto [found, is_new] = number_of_seq_.try_emplace(seq, last_ + 1);
  if (is_new) {
    ++last_;
    order_.push_back(seq);
    if (order_.size() > kRemembered) {
      number_of_seq_.erase(order_.front());
      order_.pop_front();
    }
  }
  return Stamp{.seq = found->second, .sent_ns = *time * kNsOfMicrosecond + wall_clock_offset_ns_};
}

}  // namespace ordercast::load
