#include "pg/wake_pace.h"

#include <catch2/catch.hpp>

namespace ordercast::pg {
namespace {

using std::chrono::milliseconds;

const WakePace::Time kStart{std::chrono::hours(1)};
constexpr WakePace::Duration kQuick{60};  // a read on a quiet machine

// Changes that come `gap` apart; the time of the last one.
WakePace::Time after_changes(WakePace& pace, int changes, milliseconds gap) {
  auto now = kStart;
  for (int i = 0; i < changes; ++i) {
    now += gap;
    pace.has_read(1, kQuick, now);
  }
  return now;
}

TEST_CASE("Changes in quick succession make it busy, for as long as they come", "[wake_pace]") {
  WakePace pace;
  const auto gap = WakePace::kBusyGap;
  CHECK_FALSE(pace.busy(after_changes(pace, WakePace::kBusyTransactions - 1, gap)));
  WakePace busy;
  const auto now = after_changes(busy, WakePace::kBusyTransactions, gap);
  CHECK(busy.busy(now));
  CHECK_FALSE(busy.quiet(now));
  CHECK_FALSE(busy.busy(now + gap + milliseconds(1)));
}

TEST_CASE("Changes that take their time do not make it busy, however many", "[wake_pace]") {
  WakePace pace;
  CHECK_FALSE(pace.busy(after_changes(pace, 100, WakePace::kBusyGap + milliseconds(1))));
}

TEST_CASE("A read that brings many transactions makes it busy, unless it took long",
          "[wake_pace]") {
  WakePace pace;
  pace.has_read(1, kQuick, kStart);
  const auto soon = kStart + 10 * WakePace::kBusyGap;
  pace.has_read(10, kQuick, soon);
  CHECK(pace.busy(soon));
  WakePace slow;
  slow.has_read(1, kQuick, kStart);
  const auto late = kStart + 3 * WakePace::kBusyGap;
  slow.has_read(2, kQuick, late);
  CHECK_FALSE(slow.busy(late));
}

TEST_CASE("It is quiet at first, and again when nothing was read for a while", "[wake_pace]") {
  WakePace pace;
  CHECK(pace.quiet(kStart));
  pace.has_read(1, kQuick, kStart);
  CHECK_FALSE(pace.quiet(kStart + WakePace::kQuiet));
  CHECK(pace.quiet(kStart + WakePace::kQuiet + milliseconds(1)));
}

TEST_CASE("Who has been busy is quiet when changes take their time again", "[wake_pace]") {
  WakePace pace;
  auto now = after_changes(pace, 100, milliseconds(1));
  const auto next = [&] { pace.has_read(1, kQuick, now += WakePace::kBusyGap + milliseconds(1)); };
  for (int i = 1; i < WakePace::kBusyTransactions; ++i) next();
  CHECK_FALSE(pace.quiet(now));
  next();
  CHECK(pace.quiet(now));
  CHECK_FALSE(pace.busy(now));
  // What keeps it from sleeping is no reason to tell the next one later.
  CHECK(pace.pause() <= WakePace::kMostWhileBusy);
  // It tries once for each change, not at each read.
  pace.has_read(0, kQuick, now);
  CHECK_FALSE(pace.quiet(now));
  next();
  CHECK(pace.quiet(now));
  pace.has_read(1, kQuick, now += milliseconds(1));
  CHECK_FALSE(pace.quiet(now));
}

TEST_CASE("It looks often while changes come, and less and less often when none do",
          "[wake_pace]") {
  WakePace pace;
  const auto now = after_changes(pace, 10, milliseconds(1));
  CHECK(pace.pause() == WakePace::kShortest);
  pace.has_read(0, kQuick, now + WakePace::kQuiet);
  CHECK(pace.pause() == WakePace::kShortest);
  const auto later = now + WakePace::kQuiet + milliseconds(1);
  pace.has_read(0, kQuick, later);
  CHECK(pace.pause() == 2 * WakePace::kShortest);
  for (int i = 0; i < 10; ++i) pace.has_read(0, kQuick, later);
  CHECK(pace.pause() == WakePace::kLongest);
  pace.has_read(1, kQuick, later);
  CHECK(pace.pause() <= WakePace::kMostWhileBusy);
}

TEST_CASE("While changes come it reads for a quarter of the time at most", "[wake_pace]") {
  WakePace pace;
  auto now = after_changes(pace, 10, milliseconds(1));
  const WakePace::Duration some(400);
  pace.has_read(1, some, now += milliseconds(1));
  CHECK(pace.pause() == WakePace::kRestsForEachRead * some);
  pace.has_read(0, kQuick, now);
  CHECK(pace.pause() == WakePace::kShortest);
  pace.has_read(1, milliseconds(30), now += milliseconds(1));
  CHECK(pace.pause() == WakePace::kMostWhileBusy);
}

TEST_CASE("It does not read more often than some times for each change", "[wake_pace]") {
  WakePace slow;
  after_changes(slow, 20, milliseconds(20));
  CHECK(slow.pause() > milliseconds(1));
  WakePace quicker;
  after_changes(quicker, 20, milliseconds(8));
  CHECK(quicker.pause() > milliseconds(8) / (2 * WakePace::kReadsForEachChange));
  CHECK(quicker.pause() < 2 * milliseconds(8) / WakePace::kReadsForEachChange);
  WakePace many;
  auto now = kStart;
  for (int i = 0; i < 20; ++i) many.has_read(20, kQuick, now += milliseconds(20));
  CHECK(many.pause() == WakePace::kShortest);
}

}  // namespace
}  // namespace ordercast::pg
