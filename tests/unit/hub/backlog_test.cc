#include "hub/backlog.h"

#include <catch2/catch.hpp>

#include "support/pages.h"

namespace ordercast::hub {
namespace {

using testing::page_of;
using testing::quiet_at;

constexpr Epoch kEpoch{0xabc};
constexpr std::size_t kPlenty = 1 << 20;

Position inside(TransactionId seen, TransactionId target, std::int64_t seq) {
  return {{seen, seen, {}}, Position::InBatch{{target, target, {}}, seq}};
}

// Three batches from 10 on; the second has two pages.
void fill(Backlog& backlog) {
  backlog.start(kEpoch, quiet_at(10));
  backlog.append(page_of(quiet_at(10), 12, {{1, 10}, {2, 11}}));
  backlog.append(page_of(quiet_at(12), 15, {{3, 12}, {4, 14}}, false));
  backlog.append(page_of(inside(12, 15, 4), 15, {{5, 13}}));
  backlog.append(page_of(quiet_at(15), 16, {{6, 15}}));
}

TEST_CASE("The head is where the last page ended", "[backlog]") {
  Backlog backlog(kPlenty);
  backlog.start(kEpoch, quiet_at(10));
  CHECK(backlog.head() == quiet_at(10));
  CHECK(backlog.epoch() == kEpoch);
  backlog.append(page_of(quiet_at(10), 12, {{1, 10}}, false));
  CHECK(backlog.head() == inside(10, 12, 1));
  backlog.append(page_of(inside(10, 12, 1), 12, {{2, 11}}));
  CHECK(backlog.head() == quiet_at(12));
}

TEST_CASE("An empty page moves the head and takes no place", "[backlog]") {
  Backlog backlog(kPlenty);
  backlog.start(kEpoch, quiet_at(10));
  backlog.append(page_of(quiet_at(10), 12, {}));
  CHECK(backlog.head() == quiet_at(12));
  CHECK(backlog.begin() == backlog.end());
  CHECK(backlog.bytes() == 0);
}

TEST_CASE("A reader finds the first page that it has not had whole", "[backlog]") {
  Backlog backlog(kPlenty);
  fill(backlog);
  const auto first = backlog.begin();
  CHECK(backlog.find(quiet_at(10)) == first);
  CHECK(backlog.find(quiet_at(11)) == first);
  CHECK(backlog.find(quiet_at(12)) == first + 1);
  CHECK(backlog.find(quiet_at(13)) == first + 1);
  CHECK(backlog.find(quiet_at(15)) == first + 3);
  CHECK(backlog.find(quiet_at(16)) == first + 4);
  CHECK(backlog.find(quiet_at(99)) == first + 4);
}

TEST_CASE("A reader from before the backlog is not found, also when it has seen later ids",
          "[backlog]") {
  Backlog backlog(kPlenty);
  fill(backlog);
  CHECK_FALSE(backlog.find(quiet_at(9)));
  // 8 was still running when it looked: the pages here do not have its changes.
  CHECK_FALSE(backlog.find({{8, 13, {8}}, std::nullopt}));
}

TEST_CASE("A reader inside a batch finds the page that goes on after its change", "[backlog]") {
  Backlog backlog(kPlenty);
  fill(backlog);
  const auto first = backlog.begin();
  CHECK(backlog.find(inside(12, 15, 3)) == first + 1);
  CHECK(backlog.find(inside(12, 15, 4)) == first + 2);
}

TEST_CASE("A reader inside a batch that other snapshots bound is not found", "[backlog]") {
  Backlog backlog(kPlenty);
  fill(backlog);
  CHECK_FALSE(backlog.find(inside(11, 15, 4)));
  CHECK_FALSE(backlog.find(inside(12, 14, 4)));
  CHECK_FALSE(backlog.find(inside(12, 16, 4)));
  CHECK_FALSE(backlog.find(inside(12, 15, 5)));
}

TEST_CASE("A reader at the head has had all, also inside a batch", "[backlog]") {
  Backlog backlog(kPlenty);
  backlog.start(kEpoch, quiet_at(10));
  CHECK(backlog.find(quiet_at(10)) == backlog.end());
  backlog.append(page_of(quiet_at(10), 12, {{1, 10}}, false));
  CHECK(backlog.find(inside(10, 12, 1)) == backlog.end());
}

TEST_CASE("When the oldest page goes on inside a batch, nobody begins there who is not inside it",
          "[backlog]") {
  Backlog backlog(0);  // keeps the newest page
  backlog.start(kEpoch, quiet_at(10));
  backlog.append(page_of(quiet_at(10), 12, {{1, 10}, {4, 11}}, false));
  backlog.append(page_of(inside(10, 12, 4), 12, {{5, 11}, {6, 10}}, false));
  REQUIRE(backlog.end() - backlog.begin() == 1);
  CHECK_FALSE(backlog.find(quiet_at(10)));
  CHECK_FALSE(backlog.find(inside(10, 12, 3)));
  CHECK(backlog.find(inside(10, 12, 4)) == backlog.begin());
  CHECK(backlog.find(inside(10, 12, 5)) == backlog.begin());
}

TEST_CASE("Idle time between batches does not keep a reader from its page", "[backlog]") {
  Backlog backlog(kPlenty);
  backlog.start(kEpoch, quiet_at(10));
  backlog.append(page_of(quiet_at(10), 12, {{1, 10}}));
  backlog.append(page_of(quiet_at(12), 20, {}));
  backlog.append(page_of(quiet_at(20), 22, {{2, 20}}));
  CHECK(backlog.find(quiet_at(12)) == backlog.begin() + 1);
  CHECK(backlog.find(quiet_at(15)) == backlog.begin() + 1);
}

TEST_CASE("What is not read here yet is not reached", "[backlog]") {
  Backlog backlog(kPlenty);
  fill(backlog);
  CHECK(backlog.reaches(quiet_at(9)));
  CHECK(backlog.reaches(quiet_at(16)));
  CHECK_FALSE(backlog.reaches(quiet_at(17)));
  CHECK(backlog.reaches(inside(12, 15, 4)));
  CHECK_FALSE(backlog.reaches(inside(16, 17, 7)));
}

TEST_CASE("The oldest pages go when the bytes are used up, the newest stays", "[backlog]") {
  Backlog alone(kPlenty);
  alone.start(kEpoch, quiet_at(10));
  alone.append(page_of(quiet_at(10), 11, {{1, 10}}));
  const auto page_bytes = alone.bytes();

  Backlog backlog(2 * page_bytes);
  backlog.start(kEpoch, quiet_at(10));
  for (TransactionId tx = 10; tx < 20; ++tx) {
    backlog.append(page_of(quiet_at(tx), tx + 1, {{static_cast<std::int64_t>(tx), tx}}));
    CHECK(backlog.bytes() <= 2 * page_bytes);
  }
  CHECK(backlog.begin() == 8);
  CHECK(backlog.end() == 10);
  CHECK(backlog.at(8)->batch().from == quiet_at(18));

  Backlog tiny(0);
  tiny.start(kEpoch, quiet_at(10));
  tiny.append(page_of(quiet_at(10), 11, {{1, 10}}));
  CHECK(tiny.end() - tiny.begin() == 1);
}

TEST_CASE("Encodings count: they push older pages out with the next one", "[backlog]") {
  Backlog backlog(3000);
  backlog.start(kEpoch, quiet_at(10));
  backlog.append(page_of(quiet_at(10), 11, {{1, 10}}));
  std::vector<ViewPtr> views;
  while (backlog.bytes() <= 3000) {
    views.push_back(std::make_shared<const View>("orders"));
    static_cast<void>(backlog.at(0)->frames(views.back()));
  }
  backlog.append(page_of(quiet_at(11), 12, {{2, 11}}));
  CHECK(backlog.begin() == 1);
}

TEST_CASE("A new history keeps no page of the old one and goes on counting", "[backlog]") {
  Backlog backlog(kPlenty);
  fill(backlog);
  const auto end = backlog.end();
  backlog.start(Epoch{0xdef}, quiet_at(50));
  CHECK(backlog.begin() == end);
  CHECK(backlog.end() == end);
  CHECK(backlog.head() == quiet_at(50));
  CHECK(backlog.epoch() == Epoch{0xdef});
  CHECK(backlog.bytes() == 0);
  CHECK_FALSE(backlog.find(quiet_at(15)));
}

}  // namespace
}  // namespace ordercast::hub
