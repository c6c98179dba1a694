#include "core/parsed_batch.h"

#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "support/orders_stream.h"

namespace ordercast {
namespace {

TEST_CASE("A row is split once, whoever asks", "[parsed_batch]") {
  const auto batch = testing::batch_of({testing::update_of({}, {.status = "packed"})});
  std::vector<const Row*> seen(4);
  std::vector<std::thread> threads;
  threads.reserve(seen.size());
  for (auto& each : seen) {
    threads.emplace_back([&] { each = batch.changes()[0].new_row(); });
  }
  for (auto& thread : threads) thread.join();
  REQUIRE(seen[0] != nullptr);
  CHECK(seen[0]->find("status") == R"("packed")");
  CHECK(seen == std::vector<const Row*>(4, seen[0]));
}

TEST_CASE("Rows cost memory from when a view asks for them", "[parsed_batch]") {
  const auto batch = testing::batch_of({testing::update_of({}, {.status = "packed"})});
  const auto none = batch.bytes();
  (void)batch.changes()[0].new_row();
  const auto one = batch.bytes() - none;
  CHECK(one >= 5 * sizeof(JsonMember));
  (void)batch.changes()[0].new_row();
  CHECK(batch.bytes() == none + one);
  (void)batch.changes()[0].old_row();
  CHECK(batch.bytes() == none + 2 * one);
}

TEST_CASE("A change has the rows of its kind", "[parsed_batch]") {
  const auto batch = testing::batch_of(
      {testing::insert_of({}), testing::update_of({}, {.id = 2}), testing::delete_of({})});
  CHECK(batch.changes()[0].old_row() == nullptr);
  CHECK(batch.changes()[2].new_row() == nullptr);
  for (const auto& change : batch.changes()) CHECK(change.has_rows());
}

TEST_CASE("A row that was too large, or is none, is not there", "[parsed_batch]") {
  auto no_row = testing::update_of({}, {.id = 2});
  no_row.old_row = R"(["id"])";
  const auto batch =
      testing::batch_of({testing::too_large(testing::insert_of({})), no_row,
                         testing::message_of("note", "{}"), testing::change_of(Op::kTruncate)});
  CHECK(batch.changes()[1].old_row() == nullptr);
  for (const auto& change : batch.changes()) CHECK_FALSE(change.has_rows());
}

}  // namespace
}  // namespace ordercast
