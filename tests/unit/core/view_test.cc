#include "core/view.h"

#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>

#include "core/cursor.h"
#include "support/arbitrary_position.h"
#include "support/event_stream.h"

namespace ordercast {
namespace {

using testing::EventStream;

constexpr Epoch kEpoch{0xabc};
const Position kStart{{5, 5, {}}, std::nullopt};

Change change(std::int64_t seq, TransactionId tx, const std::string& stream = "orders") {
  Change change;
  change.seq = seq;
  change.tx = tx;
  change.stream = stream;
  change.key = "{}";
  change.new_row = "{}";
  return change;
}

ParsedBatch page(std::vector<Change> changes, bool complete) {
  return ParsedBatch(
      std::make_shared<const Batch>(Batch{kStart, {9, 9, {}}, complete, std::move(changes)}));
}

std::vector<Position> ids(const std::string& frames) {
  std::vector<Position> positions;
  for (const auto& event : EventStream(frames).events) {
    const auto cursor = Cursor::decode(event.id);
    REQUIRE(cursor);
    CHECK(cursor->epoch == kEpoch);
    positions.push_back(cursor->position);
  }
  return positions;
}

TEST_CASE("A view shows the changes of its stream only", "[view]") {
  auto catalog = change(3, 5);
  catalog.op = Op::kCatalog;
  const auto batch = page({change(1, 5), change(2, 5, "items"), catalog, change(4, 5)}, false);
  const auto positions = ids(View("orders").encode(batch, kEpoch, kStart));
  REQUIRE(positions.size() == 2);
  CHECK(positions[0].in_batch->seq == 1);
  CHECK(positions[1].in_batch->seq == 4);
  CHECK(View("other").encode(batch, kEpoch, kStart).empty());
}

TEST_CASE("The last id of a batch is that of its snapshot", "[view]") {
  const Position::InBatch first{{9, 9, {}}, 1};
  const auto changes = std::vector{change(1, 5), change(2, 6), change(3, 6, "items")};
  CHECK(ids(View("orders").encode(page(changes, true), kEpoch, kStart)) ==
        std::vector<Position>{{kStart.seen, first}, {{9, 9, {}}, std::nullopt}});
}

TEST_CASE("While more pages of a batch follow, every id is inside it", "[view]") {
  const Snapshot now{9, 9, {}};
  const auto changes = std::vector{change(1, 5), change(2, 6)};
  CHECK(ids(View("orders").encode(page(changes, false), kEpoch, kStart)) ==
        std::vector<Position>{{kStart.seen, Position::InBatch{now, 1}},
                              {kStart.seen, Position::InBatch{now, 2}}});
}

TEST_CASE("A view finds the last reset of its rows that the reader has not had", "[view]") {
  auto truncate = change(2, 5);
  truncate.op = Op::kTruncate;
  auto reload = change(3, 6);
  reload.op = Op::kReload;
  auto other = change(4, 6, "items");
  other.op = Op::kTruncate;
  const auto batch = page({change(1, 5), truncate, reload, other, change(5, 6)}, true);
  CHECK(View("orders").reset_in(batch, kStart) == "reload");
  CHECK(View("orders").reset_in(batch, {{5, 7, {5}}, std::nullopt}) == "truncate");
  CHECK(View("orders").reset_in(batch, {{7, 7, {}}, std::nullopt}).empty());
  CHECK(View("parcels").reset_in(batch, kStart).empty());
}

TEST_CASE("What the reader has had is left out", "[view]") {
  const auto changes = std::vector{change(1, 5), change(2, 6), change(3, 5), change(4, 7)};
  SECTION("by its snapshot") {
    const Position ahead{{5, 7, {5}}, std::nullopt};
    const auto positions = ids(View("orders").encode(page(changes, true), kEpoch, ahead));
    REQUIRE(positions.size() == 3);
    CHECK(positions[0] == Position{ahead.seen, Position::InBatch{{9, 9, {}}, 1}});
    CHECK(positions[1] == Position{ahead.seen, Position::InBatch{{9, 9, {}}, 3}});
    CHECK(positions[2] == Position{{9, 9, {}}, std::nullopt});
  }
  SECTION("inside the batch") {
    const Position inside{kStart.seen, Position::InBatch{{9, 9, {}}, 3}};
    CHECK(ids(View("orders").encode(page(changes, true), kEpoch, inside)) ==
          std::vector<Position>{{{9, 9, {}}, std::nullopt}});
  }
  SECTION("all of it") {
    CHECK(View("orders").encode(page(changes, true), kEpoch, {{9, 9, {}}, std::nullopt}).empty());
  }
}

TEST_CASE("Each id resumes right after its change", "[view][property]") {
  rc::prop(
      "the reader has had what it had, and the batch's changes up to the one that carries the id",
      [] {
        const auto before = *testing::snapshots(1000);
        const auto reader = *testing::snapshots_after(before);
        const auto now = *testing::snapshots_after(reader);
        Batch batch{{before, std::nullopt}, now, *rc::gen::arbitrary<bool>(), {}};
        for (std::int64_t seq = 1; seq <= 8; ++seq) {
          const auto tx = *rc::gen::inRange<TransactionId>(before.xmin, now.xmax + 1);
          if (!now.sees(tx) || before.sees(tx)) continue;
          batch.changes.push_back(
              change(seq, tx, *rc::gen::element<std::string>("orders", "items")));
        }
        const ParsedBatch parsed(std::make_shared<const Batch>(batch));
        const auto positions = ids(View("orders").encode(parsed, kEpoch, {reader, std::nullopt}));

        std::size_t sent = 0;
        for (const auto& each : batch.changes) {
          if (each.stream != "orders" || reader.sees(each.tx)) continue;
          RC_ASSERT(sent < positions.size());
          for (const auto& other : batch.changes) {
            if (other.stream != "orders") continue;
            RC_ASSERT(positions[sent].has(other) ==
                      (reader.sees(other.tx) || other.seq <= each.seq));
          }
          ++sent;
        }
        RC_ASSERT(sent == positions.size());
      });
}

}  // namespace
}  // namespace ordercast
