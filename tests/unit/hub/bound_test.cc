#include "hub/bound.h"

#include <catch2/catch.hpp>

namespace ordercast::hub {
namespace {

Position at(TransactionId next) {
  return {{next, next, {}}, std::nullopt};
}

// Of one transaction, up to `last`; more of it is to come when it is not complete.
Batch batch(TransactionId tx, std::int64_t last, bool complete = true) {
  Change change;
  change.seq = last;
  change.tx = tx;
  return {.from = at(tx), .now = {tx + 1, tx + 1, {}}, .complete = complete, .changes = {change}};
}

TEST_CASE("Who stands at the bound or behind it has reached it", "[bound]") {
  CHECK_FALSE(Bound(at(10), at(9)).reached());
  CHECK(Bound(at(10), at(10)).reached());
  CHECK(Bound(at(10), at(11)).reached());
  const Position inside{at(10).seen, Position::InBatch{at(11).seen, 50}};
  CHECK_FALSE(Bound(inside, at(10)).reached());
  CHECK(Bound(inside, at(11)).reached());
  CHECK(Bound(inside, inside).reached());
  CHECK_FALSE(Bound(inside, {at(10).seen, Position::InBatch{at(11).seen, 49}}).reached());
}

TEST_CASE("What is told is on the way to the bound, whatever was read beyond it", "[bound]") {
  Bound bound(at(11), at(9));
  const auto first = batch(9, 1);
  bound.advance(first, first);
  CHECK(bound.told() == first.end());
  CHECK_FALSE(bound.reached());
  // Nothing of what was read is on the way: the client stays where it is.
  bound.advance(batch(10, 2, false), {.from = at(10), .now = at(10).seen, .changes = {}});
  CHECK(bound.told() == first.end());
  bound.advance(batch(12, 3), batch(10, 2));
  CHECK(bound.reached());
  CHECK(bound.told() == at(11));
}

TEST_CASE("Who goes on elsewhere has told all up to there", "[bound]") {
  Bound bound(at(10), at(5));
  bound.stand_at(at(7));
  CHECK(bound.told() == at(7));
  CHECK_FALSE(bound.reached());
  bound.stand_at(at(12));
  CHECK(bound.reached());
}

}  // namespace
}  // namespace ordercast::hub
