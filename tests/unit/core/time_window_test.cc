#include "core/time_window.h"

#include <catch2/catch.hpp>

#include "core/civil_time.h"

namespace ordercast {
namespace {

std::int64_t moment(std::string_view text) {
  return *parse_timestamp(text, TimeSource::kClient, TimeZone::kTaken);
}

bool has(const TimeWindow& window, const std::string& at) {
  Change change;
  change.at = at;
  return window.has(change);
}

TEST_CASE("A window has what was made in it, to the microsecond, both ends included",
          "[time_window]") {
  const TimeWindow window{.since = moment("2026-01-01T12:00:00+02:00"),
                          .until = moment("2026-01-01T10:00:01Z")};
  CHECK_FALSE(has(window, "2026-01-01T09:59:59.999999Z"));
  CHECK(has(window, "2026-01-01T10:00:00.000000Z"));
  CHECK(has(window, "2026-01-01T10:00:01.000000Z"));
  CHECK_FALSE(has(window, "2026-01-01T10:00:01.000001Z"));
}

TEST_CASE("Without ends it is all time, and windows with others are others", "[time_window]") {
  CHECK(has({}, "2026-01-01T09:59:59.999999Z"));
  CHECK(TimeWindow{}.canonical().empty());
  CHECK(TimeWindow{.since = 1}.canonical() != TimeWindow{.until = 1}.canonical());
}

}  // namespace
}  // namespace ordercast
