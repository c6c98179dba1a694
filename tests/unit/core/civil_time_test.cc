#include "core/civil_time.h"

#include <catch2/catch.hpp>
#include <string>

namespace ordercast {
namespace {

constexpr auto kRow = TimeSource::kRow;
constexpr auto kClient = TimeSource::kClient;

TEST_CASE("Instants written with different offsets are one", "[civil_time]") {
  const auto instant = parse_timestamp("2026-01-02T03:04:05.5+00:00", kRow, TimeZone::kTaken);
  REQUIRE(instant);
  CHECK(parse_timestamp("2026-01-02T05:04:05.500+02:00", kClient, TimeZone::kTaken) == instant);
  CHECK(parse_timestamp("2026-01-01 21:34:05.5-05:30", kClient, TimeZone::kTaken) == instant);
  CHECK(parse_timestamp("2026-01-02 08:34:05.5+0530", kClient, TimeZone::kTaken) == instant);
  CHECK(parse_timestamp("2026-01-02t03:04:05.5z", kClient, TimeZone::kTaken) == instant);
  CHECK(timestamp_text(*instant) == "2026-01-02T03:04:05.500000");
}

TEST_CASE("Rows may hold all that PostgreSQL can: BC, far years, infinity", "[civil_time]") {
  CHECK(parse_date("0001-12-31 BC", kRow) == *parse_date("0001-01-01", kRow) - 1);
  CHECK(parse_date("5874897-12-31", kRow) > parse_date("294276-12-31", kRow));
  CHECK(parse_date("2000-01-01", kRow) == 0);
  CHECK(parse_timestamp("294276-12-31T23:59:59.999999+00:00", kRow, TimeZone::kTaken) ==
        9'223'371'331'199'999'999);
  CHECK(parse_date("infinity", kRow) == kLateInfinity);
  CHECK(parse_timestamp("-infinity", kRow, TimeZone::kTaken) == kEarlyInfinity);
}

TEST_CASE("What the calendar or the clock does not have is refused", "[civil_time]") {
  for (const auto* bad : {"", "2026", "2026-02-29", "2026-13-01", "2026-1-02", "26-01-02",
                          "0000-01-01", "10000-01-01", "0044-03-15 BC", "2026-01-02x"}) {
    INFO(bad);
    CHECK_FALSE(parse_date(bad, kClient));
  }
  for (const auto* bad :
       {"24:00:01", "23:60", "23:59:60", "1:00", "10", "10:00:00.1234567", "10:00:00.", "10:00 "}) {
    INFO(bad);
    CHECK_FALSE(parse_time(bad));
  }
  // A + in a URL that was not written %2B.
  CHECK_FALSE(parse_timestamp("2026-01-02T03:04:05 02:00", kClient, TimeZone::kTaken));
  CHECK_FALSE(parse_timestamp("2026-01-02T03:04:05Z", kClient, TimeZone::kNone));
  for (const auto* bad :
       {"+16", "+", "+2", "+020", "+02000", "+0260", "+1600", "+02:", "+0200:00"}) {
    INFO(bad);
    CHECK_FALSE(
        parse_timestamp(std::string("2026-01-02T03:04:05") + bad, kClient, TimeZone::kTaken));
  }
}

TEST_CASE("An offset does not lead a client out of years 1 to 9999", "[civil_time]") {
  CHECK(parse_timestamp("0001-01-01T00:00:00Z", kClient, TimeZone::kTaken));
  CHECK_FALSE(parse_timestamp("0001-01-01T00:00:00+01", kClient, TimeZone::kTaken));
  CHECK_FALSE(parse_timestamp("9999-12-31T23:59:59-01", kClient, TimeZone::kTaken));
}

TEST_CASE("Days and times have one text", "[civil_time]") {
  CHECK(date_text(*parse_date("0007-02-03", kClient)) == "0007-02-03");
  CHECK(time_text(*parse_time("24:00")) == "24:00:00");
  CHECK(time_text(*parse_time("01:02:03.5")) == "01:02:03.500000");
  CHECK(timestamp_text(*parse_timestamp("1999-12-31T23:59:59", kClient, TimeZone::kNone)) ==
        "1999-12-31T23:59:59");
}

}  // namespace
}  // namespace ordercast
