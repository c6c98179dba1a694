#include "hub/seat.h"

#include <catch2/catch.hpp>
#include <future>

#include "support/memory_outlet.h"
#include "support/pages.h"

namespace ordercast::hub {
namespace {

using testing::MemoryOutlet;
using testing::quiet_at;
using Reason = Seat::End::Reason;
using Offered = Seat::Offered;

const FramesPtr kFrames = std::make_shared<const Frames>("data: 12345\n\n");
const Place kNext{7, quiet_at(70)};

TEST_CASE("While a stay lasts the client gets what the fan-out offers", "[seat]") {
  MemoryOutlet outlet;
  Seat seat;
  const auto stay = seat.enter(outlet);
  CHECK(seat.offer(stay, kFrames, kNext) == Offered::kAll);
  CHECK(seat.offer(stay, kFrames, kNext) == Offered::kAll);
  CHECK(outlet.wait_for("").size() == 2 * kFrames->text().size());
}

TEST_CASE("A socket that is full ends the stay, and its thread gets the rest", "[seat]") {
  MemoryOutlet outlet;
  outlet.set_room(5);
  Seat seat;
  const auto stay = seat.enter(outlet);
  CHECK(seat.offer(stay, kFrames, kNext) == Offered::kPart);
  // Nothing comes between the torn frame and its rest, though there is room again.
  outlet.set_room(MemoryOutlet::kEndless);
  CHECK(seat.offer(stay, kFrames, {8, quiet_at(80)}) == Offered::kNothing);
  seat.turn_out(stay, {9, quiet_at(90)});

  const auto end = seat.wait(std::nullopt);
  CHECK(end.reason == Reason::kTurnedOut);
  CHECK(end.rest == kFrames);
  CHECK(end.taken == 5);
  CHECK(end.next.ordinal == 7);
  CHECK(end.next.position == quiet_at(70));
  CHECK(outlet.wait_for("") == "data:");
}

TEST_CASE("Who is turned out goes on where the fan-out says", "[seat]") {
  MemoryOutlet outlet;
  Seat seat;
  const auto stay = seat.enter(outlet);
  seat.turn_out(stay, kNext);
  const auto end = seat.wait(std::nullopt);
  CHECK(end.reason == Reason::kTurnedOut);
  CHECK(end.rest == nullptr);
  CHECK(end.next.ordinal == 7);
}

TEST_CASE("A stay that is over is not the next one", "[seat]") {
  MemoryOutlet outlet;
  Seat seat;
  const auto first = seat.enter(outlet);
  CHECK(seat.wait(Seat::Time{}).reason == Reason::kTime);
  const auto second = seat.enter(outlet);
  CHECK(seat.offer(first, kFrames, kNext) == Offered::kNothing);
  seat.turn_out(first, kNext);
  CHECK(seat.offer(second, kFrames, kNext) == Offered::kAll);
  CHECK(outlet.wait_for("") == kFrames->text());
}

TEST_CASE("A hang-up ends the stay, also one that has not begun", "[seat]") {
  MemoryOutlet outlet;
  Seat seat;
  const auto stay = seat.enter(outlet);
  auto end = std::async(std::launch::async, [&] { return seat.wait(std::nullopt); });
  seat.hang_up();
  CHECK(end.get().reason == Reason::kHungUp);
  CHECK(seat.offer(stay, kFrames, kNext) == Offered::kNothing);
  static_cast<void>(seat.enter(outlet));
  CHECK(seat.wait(std::nullopt).reason == Reason::kHungUp);
}

}  // namespace
}  // namespace ordercast::hub
