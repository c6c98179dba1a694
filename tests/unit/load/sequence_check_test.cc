#include "load/sequence_check.h"

#include <rapidcheck/catch.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <vector>

using namespace ordercast::load;

namespace {

Faults check(const std::vector<std::uint64_t>& received, std::uint64_t last) {
  SequenceCheck check(1);
  for (const auto seq : received) check.take(seq);
  return check.faults(last);
}

}  // namespace

TEST_CASE("each event once and in order is no fault") {
  CHECK(check({1, 2, 3}, 3) == Faults{});
}

TEST_CASE("a gap is lost, in the middle, at the beginning and at the end") {
  CHECK(check({1, 3}, 3) == Faults{.lost = 1});
  CHECK(check({3}, 3) == Faults{.lost = 2});
  CHECK(check({1}, 3) == Faults{.lost = 2});
  CHECK(check({}, 3) == Faults{.lost = 3});
}

TEST_CASE("an event that comes again is a duplicate") {
  CHECK(check({1, 1, 2, 1}, 2) == Faults{.duplicated = 2});
}

TEST_CASE("an event that comes late is reordered and not lost, and then twice") {
  CHECK(check({1, 3, 2}, 3) == Faults{.reordered = 1});
  CHECK(check({1, 5, 3, 2, 4}, 5) == Faults{.reordered = 3});
  CHECK(check({1, 3, 2, 2}, 3) == Faults{.duplicated = 1, .reordered = 1});
}

TEST_CASE("without a first number it begins with what comes") {
  SequenceCheck check;
  check.take(7);
  check.take(9);
  CHECK(check.faults(9) == Faults{.lost = 1});
  CHECK(SequenceCheck().faults(9) == Faults{});
}

TEST_CASE("more gaps than are remembered are still lost") {
  SequenceCheck check(1);
  constexpr std::uint64_t kGaps = 3 * SequenceCheck::kMaxGaps;
  for (std::uint64_t i = 1; i <= kGaps; ++i) check.take(2 * i);
  CHECK(check.faults(2 * kGaps) == Faults{.lost = kGaps});
}

TEST_CASE("whatever comes, each number is either had, lost, or had too often") {
  rc::prop("as a count of each number says", [] {
    const auto received =
        *rc::gen::container<std::vector<std::uint64_t>>(rc::gen::inRange<std::uint64_t>(1, 30));
    std::map<std::uint64_t, std::uint64_t> times;
    std::uint64_t highest = 0;
    std::uint64_t late = 0;
    for (const auto seq : received) {
      if (times[seq]++ == 0 && seq < highest) ++late;
      highest = std::max(highest, seq);
    }
    RC_ASSERT(check(received, 30) == (Faults{.lost = 30 - times.size(),
                                             .duplicated = received.size() - times.size(),
                                             .reordered = late}));
  });
}
