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

}  // namespace
}  // namespace ordercast
