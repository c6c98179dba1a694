#include "hub/page.h"

#include <catch2/catch.hpp>

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
    CHECK(memory == without_frames + frames->wire(Framing::kChunked).size());
    static_cast<void>(page.frames(view));
    static_cast<void>(page.frames_for(*view, quiet_at(5)));
    CHECK(memory == without_frames + frames->wire(Framing::kChunked).size());
  }
  CHECK(memory == 0);
}

TEST_CASE("Rows that a view has split count as memory, once", "[page]") {
  std::atomic<std::size_t> memory = 0;
  Page page(testing::page_of(quiet_at(5), 9, {{1, 5, "orders"}}), kEpoch, memory);
  const auto before = memory.load();
  std::size_t frames = 0;
  for (const auto* select : {"id,status", "id,state:status"}) {
    const StreamInfo stream{
        .name = "orders",
        .table = "public.orders",
        .key = {"id"},
        .columns = {{.name = "id", .type = "bigint"}, {.name = "status", .type = "text"}},
        .tenant = ""};
    const auto view = std::make_shared<const View>(
        ViewSpec{.stream = "orders", .selection = Selection::parse(select, stream)});
    frames += page.frames(view)->wire(Framing::kChunked).size();
    CHECK(page.parsed().bytes() > 0);
    CHECK(memory == before + frames + page.parsed().bytes());
  }
}

}  // namespace
}  // namespace ordercast::hub
