#include "hub/sign_outs.h"

#include <catch2/catch.hpp>

namespace ordercast::hub {
namespace {

using namespace std::chrono_literals;

constexpr SignOuts::Time kBegin{1h};

Grant brought(std::string session, SignOuts::Time at) {
  return {.session = std::move(session), .brought_at = at};
}

TEST_CASE("A session's end covers what it has brought until then", "[sign_outs]") {
  SignOuts ended;
  ended.add("a", kBegin + 1s);
  ended.add("b", kBegin + 2s);
  CHECK(ended.cover(brought("a", kBegin)));
  CHECK(ended.cover(brought("a", kBegin + 1s)));
  CHECK_FALSE(ended.cover(brought("a", kBegin + 2s)));
  CHECK(ended.cover(brought("b", kBegin + 2s)));
  CHECK_FALSE(ended.cover(brought("c", kBegin)));
  CHECK_FALSE(ended.cover(brought("", kBegin)));
  // As who has come again, and gone again.
  ended.add("a", kBegin + 3s);
  CHECK(ended.cover(brought("a", kBegin + 2s)));
}

TEST_CASE("Sign-outs are kept for a while, and not more than so many", "[sign_outs]") {
  SignOuts ended;
  ended.add("a", kBegin);
  ended.add("b", kBegin + SignOuts::kKept);
  CHECK(ended.cover(brought("a", kBegin)));
  ended.add("b", kBegin + SignOuts::kKept + 1ms);
  CHECK_FALSE(ended.cover(brought("a", kBegin)));

  const auto now = kBegin + 2 * SignOuts::kKept;
  ended.add("a", now);
  for (std::size_t i = 1; i < SignOuts::kMost; ++i) ended.add("b", now);
  CHECK(ended.cover(brought("a", now)));
  ended.add("b", now);
  CHECK_FALSE(ended.cover(brought("a", now)));
}

}  // namespace
}  // namespace ordercast::hub
