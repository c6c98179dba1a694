#include "hub/page.h"

#include <malloc.h>

#include <array>
#include <catch2/catch.hpp>
#include <vector>

#include "support/event_stream.h"
#include "support/pages.h"

namespace ordercast::hub {
namespace {

using testing::EventStream;
using testing::page_of;
using testing::quiet_at;

constexpr Epoch kEpoch{0xabc};

TEST_CASE("A page is encoded once for each view", "[page]") {
  std::atomic<std::size_t> memory = 0;
  Page page(page_of(quiet_at(5), 9, {{1, 5, "orders"}, {2, 6, "items"}}), kEpoch, memory);
  const auto orders = std::make_shared<const View>("orders");
  const auto items = std::make_shared<const View>("items");

  const auto frames = page.frames(orders);
  CHECK(page.frames(orders) == frames);
  CHECK(EventStream(frames->text()).events.size() == 1);
  CHECK(page.frames(items) != frames);
  CHECK(page.frames(items)->text() != frames->text());
}

TEST_CASE("A page without a change for a view has empty frames, not none", "[page]") {
  std::atomic<std::size_t> memory = 0;
  Page page(page_of(quiet_at(5), 9, {{1, 5, "items"}}), kEpoch, memory);
  const auto frames = page.frames(std::make_shared<const View>("orders"));
  REQUIRE(frames);
  CHECK(frames->empty());
}

TEST_CASE("A reader that stands elsewhere gets frames of its own", "[page]") {
  std::atomic<std::size_t> memory = 0;
  Page page(page_of(quiet_at(5), 9, {{1, 5, "orders"}, {2, 7, "orders"}}), kEpoch, memory);
  const auto view = std::make_shared<const View>("orders");
  CHECK(EventStream(page.frames(view)->text()).events.size() == 2);
  CHECK(EventStream(page.frames_for(*view, quiet_at(6))->text()).events.size() == 1);
}

TEST_CASE("Pages and their shared frames count as memory while they live", "[page]") {
  std::atomic<std::size_t> memory = 0;
  {
    auto batch = page_of(quiet_at(5), 9, {{1, 5, "orders"}});
    const auto row_bytes = batch->changes[0].new_row.size();
    Page page(std::move(batch), kEpoch, memory);
    const auto without_frames = memory.load();
    CHECK(without_frames > row_bytes);

    const auto view = std::make_shared<const View>("orders");
    const auto frames = page.frames(view);
    const auto with_frames = memory.load();
    CHECK(with_frames > without_frames + frames->wire(Framing::kChunked).size());
    static_cast<void>(page.frames(view));
    static_cast<void>(page.frames_for(*view, quiet_at(5)));
    CHECK(memory == with_frames);
  }
  CHECK(memory == 0);
}

TEST_CASE("Rows that a view has split count as memory, once", "[page]") {
  std::atomic<std::size_t> memory = 0;
  Page page(testing::page_of(quiet_at(5), 9, {{1, 5, "orders"}}), kEpoch, memory);
  std::size_t expected = memory;
  constexpr std::array kSelects{"id,status", "id,state:status"};
  for (const auto& select : kSelects) {
    const StreamInfo stream{
        .name = "orders",
        .table = "public.orders",
        .key = {"id"},
        .columns = {{.name = "id", .type = "bigint"}, {.name = "status", .type = "text"}},
        .tenant = ""};
    const auto view = std::make_shared<const View>(
        ViewSpec{.stream = "orders", .selection = Selection::parse(select, stream)});
    const auto split_before = page.parsed().bytes();
    const auto frames = page.frames(view)->bytes();
    const auto split = page.parsed().bytes() - split_before;
    CHECK((split > 0) == (&select == kSelects.begin()));
    expected += frames + split;
    CHECK(memory >= expected);
    expected = memory;
  }
}

// Not with sanitizers: they have a malloc of their own, which adds what it likes.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("A page counts what it takes: a thousand small ones, or a large one", "[page]") {
  std::atomic<std::size_t> memory = 0;
  const auto view = std::make_shared<const View>("orders");
  const auto [pages, changes] = GENERATE(table<int, int>({{1000, 1}, {10, 300}}));
  const auto before = ::mallinfo2();
  std::vector<PagePtr> kept;
  for (int i = 0; i < pages; ++i) {
    Batch batch{quiet_at(5), {9, 9, {}}, true, {}};
    batch.changes.resize(static_cast<std::size_t>(changes));
    for (auto& change : batch.changes) {
      change.stream = "orders";
      change.key = R"({"id":1234567})";
      change.new_row = R"({"id":1234567,"status":"paid","note":")" + std::string(200, 'x') + "\"}";
      change.at = "2026-11-25T00:00:00.000000Z";
    }
    kept.push_back(
        std::make_shared<Page>(std::make_shared<const Batch>(std::move(batch)), kEpoch, memory));
    static_cast<void>(kept.back()->frames(view));
  }
  const auto after = ::mallinfo2();
  const auto taken = static_cast<double>(after.uordblks + after.hblkhd) -
                     static_cast<double>(before.uordblks + before.hblkhd);
  CHECK(static_cast<double>(memory) == Approx(taken).epsilon(0.1));
}
#endif

}  // namespace
}  // namespace ordercast::hub
