#include "hub/seat.h"

#include <catch2/catch.hpp>
#include <future>

#include "support/pages.h"

namespace ordercast::hub {
namespace {

using testing::quiet_at;

TEST_CASE("The end of a stay says where to go on, and what is left to send", "[seat]") {
  Seat seat;
  const auto frames = std::make_shared<const Frames>("data: 12345\n\n");
  auto waiting = std::async(std::launch::async, [&] { return seat.wait(std::nullopt); });
  seat.end({.next = {7, quiet_at(70)}, .rest = frames, .taken = 5});
  const auto end = waiting.get();
  REQUIRE(end.has_value());
  CHECK(end->next.ordinal == 7);
  CHECK(end->next.position == quiet_at(70));
  CHECK(end->rest == frames);
  CHECK(end->taken == 5);
}

TEST_CASE("A stay ends once", "[seat]") {
  Seat seat;
  seat.end({.next = {7, quiet_at(70)}});
  CHECK(seat.wait(std::nullopt).has_value());
  CHECK_FALSE(seat.wait(Seat::Time{}).has_value());
}

TEST_CASE("Who hangs up, or has to go, waits for the end all the same", "[seat]") {
  Seat seat;
  CHECK_FALSE(seat.wait(Seat::Time{}).has_value());
  CHECK_FALSE(seat.hung_up());
  auto waiting = std::async(std::launch::async, [&] { return seat.wait(std::nullopt); });
  seat.hang_up();
  CHECK_FALSE(waiting.get().has_value());
  CHECK(seat.hung_up());
  auto leaving = std::async(std::launch::async, [&] { return seat.wait_for_end(); });
  seat.end({.next = {7, quiet_at(70)}});
  CHECK(leaving.get().next.ordinal == 7);
}

}  // namespace
}  // namespace ordercast::hub
