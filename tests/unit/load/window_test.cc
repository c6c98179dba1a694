#include "load/window.h"

#include <catch2/catch.hpp>

namespace ordercast::load {
namespace {

TEST_CASE("A window is complete when every connection has had each of its events", "[window]") {
  Window window(5, 6, 2, std::nullopt);
  for (const std::uint64_t seq : {5, 5, 6}) window.add({.seq = seq, .sent_ns = 1}, 2);
  CHECK_FALSE(window.complete());
  window.add({.seq = 9, .sent_ns = 1}, 2);  // none of its own
  CHECK_FALSE(window.complete());
  window.add({.seq = 6, .sent_ns = 1}, 2);
  CHECK(window.complete());
  CHECK(window.deliveries().count() == 4);
}

TEST_CASE("A window that ends earlier is complete earlier", "[window]") {
  Window window(1, 100, 1, std::nullopt);
  window.add({.seq = 1, .sent_ns = 1}, 2);
  CHECK_FALSE(window.complete());
  window.end_with(1);
  CHECK(window.complete());
  CHECK(window.last() == 1);
}

TEST_CASE("What somebody else publishes is never complete, also once its end is known",
          "[window]") {
  Window window;
  window.add({.seq = 7, .sent_ns = 1}, 2);
  window.end_with(7);
  CHECK_FALSE(window.complete());
  CHECK(window.last() == 7);
  CHECK(window.deliveries().count() == 1);
}

}  // namespace
}  // namespace ordercast::load
