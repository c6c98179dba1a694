#include "load/change_numbers.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <string>

namespace ordercast::load {
namespace {

std::string change(std::uint64_t seq) {
  return fmt::format(
      R"({{"op":"insert","key":{{"id":"1"}},"row":{{"id":"1"}},"at":"2026-11-25T16:02:59.116148Z","seq":{}}})",
      seq);
}

}  // namespace

TEST_CASE("an event has the number that it got when it was first seen") {
  ChangeNumbers numbers;
  CHECK(numbers.of(change(70))->seq == 1);
  CHECK(numbers.of(change(12))->seq == 2);
  CHECK(numbers.of(change(70))->seq == 1);
  CHECK(numbers.of(change(71))->seq == 3);
}

TEST_CASE("what is no change has no number") {
  ChangeNumbers numbers;
  CHECK_FALSE(numbers.of(R"({"stream":"orders","heartbeat_ms":15000})"));
  CHECK_FALSE(numbers.of(R"({"op":"insert","key":{"id":"1"},"row":{"id":"1"},"snapshot":true})"));
  CHECK_FALSE(numbers.of(""));
}

TEST_CASE("an event is as old as its change") {
  ChangeNumbers numbers;
  const auto first = numbers.of(change(1));
  const auto second = numbers.of(
      R"({"op":"delete","key":{"id":"1"},"row":{},"at":"2026-11-25T16:03:00.116148Z","seq":2})");
  CHECK(second->sent_ns - first->sent_ns == 1'000'000'000);
}

}  // namespace ordercast::load
