#include "core/position.h"

#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>

#include "support/arbitrary_position.h"

namespace ordercast {
namespace {

Change change(std::int64_t seq, TransactionId tx) {
  Change change;
  change.seq = seq;
  change.tx = tx;
  return change;
}

TEST_CASE("A reader has had what its snapshot sees, whatever the seq", "[position]") {
  const Position position{{5, 10, {5, 7}}, std::nullopt};
  CHECK(position.has(change(999, 4)));
  CHECK(position.has(change(999, 9)));
  CHECK_FALSE(position.has(change(1, 5)));
  CHECK_FALSE(position.has(change(1, 7)));
  CHECK_FALSE(position.has(change(1, 10)));
}

TEST_CASE("Inside a batch it has also had that batch up to its seq, and nothing else",
          "[position]") {
  const Position position{{5, 10, {5, 7}}, Position::InBatch{{7, 12, {7}}, 50}};
  CHECK(position.has(change(999, 4)));
  CHECK(position.has(change(50, 5)));
  CHECK(position.has(change(49, 11)));
  CHECK_FALSE(position.has(change(51, 5)));
  CHECK_FALSE(position.has(change(49, 7)));
  CHECK_FALSE(position.has(change(49, 12)));
}

TEST_CASE("A reader's position only grows inside a batch", "[position][property]") {
  rc::prop("it keeps all of the snapshot, has nothing beyond the target, and divides it by seq",
           [] {
             const auto position = *testing::positions(1000);
             const auto tx = *rc::gen::inRange<TransactionId>(1, 1100);
             const auto seq = *rc::gen::inRange<std::int64_t>(1, 100);
             const bool had = position.has(change(seq, tx));
             if (position.seen.sees(tx)) {
               RC_ASSERT(had);
             } else if (!position.in_batch || !position.in_batch->target.sees(tx)) {
               RC_ASSERT(!had);
             } else {
               RC_ASSERT(had == (seq <= position.in_batch->seq));
             }
           });
}

}  // namespace
}  // namespace ordercast
