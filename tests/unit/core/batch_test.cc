#include "core/batch.h"

#include <catch2/catch.hpp>

namespace ordercast {
namespace {

const Snapshot kBefore{5, 5, {}};
const Snapshot kBetween{7, 7, {}};
const Snapshot kNow{9, 9, {}};

Batch page(bool complete) {
  Batch batch;
  batch.from = {kBefore, std::nullopt};
  batch.now = kNow;
  batch.complete = complete;
  batch.changes.resize(2);
  batch.changes[0].seq = 10;
  batch.changes[1].seq = 20;
  return batch;
}

TEST_CASE("The last page of a batch ends at the batch's snapshot", "[batch]") {
  CHECK(page(true).end() == Position{kNow, std::nullopt});
  CHECK(page(true).end_for({kBetween, std::nullopt}) == Position{kNow, std::nullopt});
}

TEST_CASE("Any other page ends inside the batch, after its last change", "[batch]") {
  CHECK(page(false).end() == Position{kBefore, Position::InBatch{kNow, 20}});
}

TEST_CASE("A reader that came from elsewhere keeps what it has seen", "[batch]") {
  CHECK(page(false).end_for({kBetween, std::nullopt}) ==
        Position{kBetween, Position::InBatch{kNow, 20}});
  CHECK(page(false).end_for({kBetween, Position::InBatch{kNow, 10}}) ==
        Position{kBetween, Position::InBatch{kNow, 20}});
}

TEST_CASE("An empty page only moves the position", "[batch]") {
  Batch empty;
  empty.from = {kBefore, Position::InBatch{kNow, 20}};
  empty.now = kNow;
  CHECK(empty.end() == Position{kNow, std::nullopt});
}

TEST_CASE("Up to a bound inside it a page has what that has had, and its end is exact", "[batch]") {
  auto whole = page(true);
  whole.changes[0].tx = 8;  // after the bound
  whole.changes[1].tx = 6;
  const auto part = whole.up_to({kBetween, std::nullopt});
  REQUIRE(part.changes.size() == 1);
  CHECK(part.changes[0].seq == 20);
  CHECK(part.end() == Position{kBetween, std::nullopt});
  CHECK(whole.reaches({kBetween, std::nullopt}));

  auto first = page(false);
  first.changes[0].tx = 8;
  first.changes[1].tx = 6;
  CHECK(first.up_to({kBetween, std::nullopt}).end() ==
        Position{kBefore, Position::InBatch{kBetween, 20}});
  CHECK_FALSE(first.reaches({kBetween, std::nullopt}));
}

TEST_CASE("A bound inside a batch ends after its change", "[batch]") {
  auto whole = page(true);
  whole.changes[0].tx = whole.changes[1].tx = 6;
  const Position bound{kBefore, Position::InBatch{kNow, 10}};
  const auto part = whole.up_to(bound);
  REQUIRE(part.changes.size() == 1);
  CHECK(part.changes[0].seq == 10);
  CHECK(part.end() == bound);
  CHECK(whole.reaches(bound));
}

TEST_CASE("A page before the bound is whole, and does not reach it", "[batch]") {
  const Position later{{11, 11, {}}, std::nullopt};
  CHECK(page(true).up_to(later).changes.size() == 2);
  CHECK(page(true).up_to(later).now == kNow);
  CHECK_FALSE(page(true).reaches(later));
}

}  // namespace
}  // namespace ordercast
