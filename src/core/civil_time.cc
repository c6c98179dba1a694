#include "core/civil_time.h"

#include <fmt/format.h>

#include <array>
#include <chrono>

namespace ordercast {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::chrono::sys_days kEpoch{std::chrono::year(2000) / 1 / 1};
constexpr int kMaxOffsetHours = 15;  // as PostgreSQL

class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  bool take(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  // A number of at least `least` and at most `most` digits, and no digit behind it.
  std::optional<std::int64_t> digits(std::size_t least, std::size_t most) {
    std::int64_t value = 0;
    std::size_t count = 0;
    for (; count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9'; ++count) {
      if (count == most) return std::nullopt;
      value = value * 10 + (rest_[count] - '0');
    }
    if (count < least) return std::nullopt;
    taken_ = count;
    rest_.remove_prefix(count);
    return value;
  }
  // How many digits the last number had.
  [[nodiscard]] std::size_t taken() const { return taken_; }

 private:
  std::string_view rest_;
  std::size_t taken_ = 0;
};

struct Date {
  std::int64_t year;
  unsigned month;
  unsigned day;
};

std::optional<Date> take_date(Scanner& scanner) {
  const auto year = scanner.digits(4, 7);
  if (!year || !scanner.take("-")) return std::nullopt;
  const auto month = scanner.digits(2, 2);
  if (!month || !scanner.take("-")) return std::nullopt;
  const auto day = scanner.digits(2, 2);
  if (!day) return std::nullopt;
  return Date{*year, static_cast<unsigned>(*month), static_cast<unsigned>(*day)};
}

// The calendar repeats after 400 years; std::chrono ends at year 32767, PostgreSQL long after it.
std::optional<std::int64_t> days_of(const Date& date) {
  constexpr std::int64_t kCycleYears = 400;
  constexpr std::int64_t kCycleDays = 146'097;
  auto in_cycle = date.year % kCycleYears;
  if (in_cycle < 0) in_cycle += kCycleYears;
  const auto cycles = (date.year - in_cycle) / kCycleYears;
  const std::chrono::year_month_day same_day{std::chrono::year(static_cast<int>(in_cycle)),
                                             std::chrono::month(date.month),
                                             std::chrono::day(date.day)};
  if (!same_day.ok()) return std::nullopt;
  return (std::chrono::sys_days(same_day) - kEpoch).count() + cycles * kCycleDays;
}

// Rows: a year before 1 says so at the very end. Clients: 1 to 9999.
std::optional<std::int64_t> days_of(Date date, Scanner& scanner, TimeSource source) {
  if (source == TimeSource::kRow) {
    if (scanner.take(" BC")) date.year = 1 - date.year;
  } else if (date.year < 1 || date.year > 9999) {
    return std::nullopt;
  }
  return days_of(date);
}

std::optional<std::int64_t> take_time(Scanner& scanner) {
  const auto hours = scanner.digits(2, 2);
  if (!hours || !scanner.take(":")) return std::nullopt;
  const auto minutes = scanner.digits(2, 2);
  if (!minutes || *hours > 24 || *minutes > 59) return std::nullopt;
  auto time = *hours * kHour + *minutes * kMinute;
  if (scanner.take(":")) {
    const auto seconds = scanner.digits(2, 2);
    if (!seconds || *seconds > 59) return std::nullopt;
    time += *seconds * kSecond;
    if (scanner.take(".")) {
      constexpr std::array<std::int64_t, 7> kUnit{0, 100'000, 10'000, 1'000, 100, 10, 1};
      const auto fraction = scanner.digits(1, 6);
      if (!fraction) return std::nullopt;
      time += *fraction * kUnit[scanner.taken()];
    }
  }
  return time <= kDay ? std::optional(time) : std::nullopt;
}

std::optional<std::int64_t> take_offset(Scanner& scanner) {
  if (scanner.take("Z") || scanner.take("z")) return 0;
  const bool west = scanner.take("-");
  if (!west && !scanner.take("+")) return 0;
  auto hours = scanner.digits(2, 4);
  if (!hours || scanner.taken() == 3) return std::nullopt;
  std::optional<std::int64_t> minutes = 0;
  if (scanner.taken() == 4) {
    minutes = *hours % 100;
    hours = *hours / 100;
  } else if (scanner.take(":")) {
    minutes = scanner.digits(2, 2);
  }
  if (*hours > kMaxOffsetHours || !minutes || *minutes > 59) return std::nullopt;
  const auto offset = *hours * kHour + *minutes * kMinute;
  return west ? -offset : offset;
}

std::optional<std::int64_t> infinity_of(std::string_view text) {
  if (text == "infinity") return kLateInfinity;
  if (text == "-infinity") return kEarlyInfinity;
  return std::nullopt;
}

// Of what a client gave, so within years 1 to 9999.
std::chrono::year_month_day date_of(std::int64_t days) {
  return kEpoch + std::chrono::days(days);
}

}  // namespace

std::optional<std::int64_t> parse_date(std::string_view text, TimeSource source) {
  if (const auto infinity = infinity_of(text)) return infinity;
  Scanner scanner(text);
  const auto date = take_date(scanner);
  if (!date) return std::nullopt;
  const auto days = days_of(*date, scanner, source);
  return scanner.at_end() ? days : std::nullopt;
}

std::optional<std::int64_t> parse_time(std::string_view text) {
  Scanner scanner(text);
  const auto time = take_time(scanner);
  return scanner.at_end() ? time : std::nullopt;
}

std::optional<std::int64_t> parse_timestamp(std::string_view text, TimeSource source,
                                            TimeZone zone) {
  if (const auto infinity = infinity_of(text)) return infinity;
  Scanner scanner(text);
  const auto date = take_date(scanner);
  if (!date) return std::nullopt;
  std::int64_t time = 0;
  if (scanner.take("T") || scanner.take(" ") || scanner.take("t")) {
    const auto time_of_day = take_time(scanner);
    if (!time_of_day || *time_of_day == kDay) return std::nullopt;
    const auto offset = zone == TimeZone::kTaken ? take_offset(scanner) : 0;
    if (!offset) return std::nullopt;
    time = *time_of_day - *offset;
  }
  const auto days = days_of(*date, scanner, source);
  if (!days || !scanner.at_end()) return std::nullopt;
  const auto instant = *days * kDay + time;
  if (source == TimeSource::kClient) {
    // With its offset it may have left the years that are allowed.
    static const std::int64_t kFirst = *days_of({1, 1, 1}) * kDay;
    static const std::int64_t kEnd = *days_of({10'000, 1, 1}) * kDay;
    if (instant < kFirst || instant >= kEnd) return std::nullopt;
  }
  return instant;
}

std::string date_text(std::int64_t days) {
  if (days == kLateInfinity) return "infinity";
  if (days == kEarlyInfinity) return "-infinity";
  const auto date = date_of(days);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::string time_text(std::int64_t microseconds) {
  const auto fraction = microseconds % kSecond;
  const auto text = fmt::format("{:02}:{:02}:{:02}", microseconds / kHour,
                                microseconds % kHour / kMinute, microseconds % kMinute / kSecond);
  return fraction == 0 ? text : fmt::format("{}.{:06}", text, fraction);
}

std::string timestamp_text(std::int64_t microseconds) {
  if (microseconds == kLateInfinity) return "infinity";
  if (microseconds == kEarlyInfinity) return "-infinity";
  auto time = microseconds % kDay;
  if (time < 0) time += kDay;
  return date_text((microseconds - time) / kDay) + "T" + time_text(time);
}

}  // namespace ordercast
