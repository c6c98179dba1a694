#include "core/snapshot.h"

#include <rapidcheck/catch.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "support/arbitrary_position.h"

namespace ordercast {
namespace {

// All snapshots of the ids 1 to 6: 127.
std::vector<Snapshot> all_small_snapshots() {
  constexpr TransactionId kLastXmax = 7;
  std::vector<Snapshot> snapshots;
  for (TransactionId xmax = 1; xmax <= kLastXmax; ++xmax) {
    for (unsigned running = 0; running < 1U << (xmax - 1); ++running) {
      std::vector<TransactionId> xip;
      for (TransactionId id = 1; id < xmax; ++id) {
        if ((running >> (id - 1) & 1) != 0) xip.push_back(id);
      }
      snapshots.push_back(testing::snapshot_of(xmax, std::move(xip)));
    }
  }
  return snapshots;
}

// The manual's definition, word by word (PostgreSQL 15, 9.27.8).
bool visible(TransactionId id, const Snapshot& snapshot) {
  return id < snapshot.xmax && std::count(snapshot.xip.begin(), snapshot.xip.end(), id) == 0;
}

TEST_CASE("A snapshot is read from PostgreSQL's text", "[snapshot]") {
  const auto snapshot = Snapshot::parse("10:20:10,14,15");
  REQUIRE(snapshot);
  CHECK(snapshot->xmin == 10);
  CHECK(snapshot->xmax == 20);
  CHECK(snapshot->xip == std::vector<TransactionId>{10, 14, 15});
  CHECK(Snapshot::parse("7:7:") == Snapshot{7, 7, {}});
  CHECK(Snapshot::parse("18446744073709551615:18446744073709551615:"));
}

TEST_CASE("A text that is no snapshot is refused", "[snapshot]") {
  const auto* text = GENERATE(
      "", ":", "::", "10", "10:20", "10:20:", "a:b:", "10:20:10,", "10:20:,10", "10:20:10;14",
      "10:20:10 14", " 10:20:10", "10:20:10 ", "-1:5:", "+5:5:", "0:0:", "0:5:0",
      "20:10:", "10:20:14", "10:20:10,10", "10:20:10,9", "10:20:10,20", "10:20:10,14,12",
      "18446744073709551616:18446744073709551616:", "10:20:10,18446744073709551616");
  CAPTURE(text);
  CHECK_FALSE(Snapshot::parse(text));
}

TEST_CASE("A snapshot sees what had ended", "[snapshot]") {
  for (const auto& snapshot : all_small_snapshots()) {
    REQUIRE(snapshot.valid());
    for (TransactionId id = 1; id <= 8; ++id) REQUIRE(snapshot.sees(id) == visible(id, snapshot));
  }
}

TEST_CASE("A snapshot contains another when it sees all that the other sees", "[snapshot]") {
  const auto snapshots = all_small_snapshots();
  for (const auto& later : snapshots) {
    for (const auto& earlier : snapshots) {
      bool all = true;
      for (TransactionId id = 1; id <= 8; ++id) {
        all = all && (!visible(id, earlier) || visible(id, later));
      }
      CAPTURE(later.text(), earlier.text());
      REQUIRE(later.contains(earlier) == all);
    }
  }
}

TEST_CASE("A snapshot below a limit sees the same below it, and nothing from there on",
          "[snapshot]") {
  for (const auto& snapshot : all_small_snapshots()) {
    for (TransactionId limit = 1; limit <= 8; ++limit) {
      const auto below = snapshot.below(limit);
      CAPTURE(snapshot.text(), limit);
      REQUIRE(below.valid());
      REQUIRE(snapshot.contains(below));
      for (TransactionId id = 1; id <= 8; ++id) {
        REQUIRE(below.sees(id) == (id < limit && visible(id, snapshot)));
      }
    }
  }
}

TEST_CASE("Snapshots of any size keep the rules", "[snapshot][property]") {
  rc::prop("the text of a snapshot is read back as the same one", [] {
    const auto snapshot = *testing::snapshots(std::numeric_limits<TransactionId>::max());
    RC_ASSERT(snapshot.valid());
    RC_ASSERT(Snapshot::parse(snapshot.text()) == snapshot);
  });

  rc::prop("a text of digits and separators is refused or a valid snapshot", [] {
    const auto text =
        *rc::gen::container<std::string>(rc::gen::element('0', '1', '2', '9', ':', ','));
    const auto snapshot = Snapshot::parse(text);
    if (snapshot) RC_ASSERT(snapshot->valid());
  });

  rc::prop("a later one contains an earlier one, however far apart", [] {
    const auto earlier = *testing::snapshots(std::numeric_limits<TransactionId>::max());
    RC_ASSERT((*testing::snapshots_after(earlier)).contains(earlier));
  });
}

}  // namespace
}  // namespace ordercast
