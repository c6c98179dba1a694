// Dates and times as PostgreSQL writes them into JSON (ISO 8601) and as clients write them, as
// numbers that compare as PostgreSQL compares them. Pure functions.
//
// A text with more than is asked for, or with a day that the calendar does not have, is nullopt.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ordercast {

// Who wrote it: rows have years before 1 ("0044-03-15 BC") and after 9999, clients may not; for
// without a bound their values could leave PostgreSQL's range.
enum class TimeSource { kRow, kClient };
// What a timestamp says of its offset from UTC. kTaken: "Z", "+02:00", "+0200" or "+02"; none is
// UTC. RFC 3339 (section 5.6) allows "t" and "z" for "T" and "Z".
enum class TimeZone { kNone, kTaken };

// "infinity" and "-infinity".
inline constexpr std::int64_t kLateInfinity = INT64_MAX;
inline constexpr std::int64_t kEarlyInfinity = INT64_MIN;

// Days since 2000-01-01.
[[nodiscard]] std::optional<std::int64_t> parse_date(std::string_view text, TimeSource source);
// Microseconds since midnight, at most 24:00:00.
[[nodiscard]] std::optional<std::int64_t> parse_time(std::string_view text);
// Microseconds since 2000-01-01 00:00 (PostgreSQL's own: counted from 1970 its last year would
// overflow). The time of day may be missing.
[[nodiscard]] std::optional<std::int64_t> parse_timestamp(std::string_view text, TimeSource source,
                                                          TimeZone zone);

// As parse_*() takes them from clients: "2026-01-02", "03:04:05.678901",
// "2026-01-02T03:04:05.678901".
[[nodiscard]] std::string date_text(std::int64_t days);
[[nodiscard]] std::string time_text(std::int64_t microseconds);
[[nodiscard]] std::string timestamp_text(std::int64_t microseconds);

}  // namespace ordercast
