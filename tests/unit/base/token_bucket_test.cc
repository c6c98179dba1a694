#include "base/token_bucket.h"

#include <catch2/catch.hpp>

namespace ordercast {
namespace {

using std::chrono::milliseconds;
using Time = TokenBucket::Time;

// How many of `tries` succeed at once.
int taken(TokenBucket& bucket, Time now, int tries) {
  int count = 0;
  for (int i = 0; i < tries; ++i) count += bucket.take(now);
  return count;
}

}  // namespace

TEST_CASE("A bucket gives its burst at once, and then as it fills") {
  TokenBucket bucket(500, 1'000);
  const Time start{std::chrono::hours(100)};
  CHECK(taken(bucket, start, 2'000) == 1'000);
  CHECK(taken(bucket, start + milliseconds(100), 2'000) == 50);
  CHECK(taken(bucket, start + milliseconds(101), 2'000) == 0);
  CHECK(taken(bucket, start + milliseconds(102), 2'000) == 1);
}

TEST_CASE("A bucket that was left alone holds no more than its burst") {
  TokenBucket bucket(500, 10);
  const Time start{};
  CHECK(taken(bucket, start, 20) == 10);
  CHECK(taken(bucket, start + std::chrono::hours(1'000), 20) == 10);
}

TEST_CASE("A bucket whose rate changes keeps what it holds, as far as it may") {
  TokenBucket bucket(1, 10);
  const Time start{std::chrono::hours(100)};
  CHECK(taken(bucket, start, 4) == 4);
  bucket.set_rate(1'000, 100);
  CHECK(taken(bucket, start, 20) == 6);
  CHECK(taken(bucket, start + milliseconds(50), 100) == 50);
  CHECK(taken(bucket, start + std::chrono::seconds(1), 1) == 1);
  bucket.set_rate(1, 3);
  CHECK(taken(bucket, start + std::chrono::seconds(1), 20) == 3);
}

}  // namespace ordercast
