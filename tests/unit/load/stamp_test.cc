#include "load/stamp.h"

#include <catch2/catch.hpp>

using ordercast::load::Stamp;

TEST_CASE("a stamp is found again inside a payload") {
  const Stamp stamp{42, 1'234'567'890'123};
  CHECK(Stamp::find(stamp.text()) == stamp);
  CHECK(Stamp::find("{\"note\":\"" + stamp.text() + " ~stamp\"}") == stamp);
}

TEST_CASE("a payload without a whole stamp has none") {
  const auto text = Stamp{7, 99}.text();
  for (std::size_t length = 0; length < text.size(); ++length) {
    CHECK_FALSE(Stamp::find(text.substr(0, length)).has_value());
  }
  CHECK_FALSE(Stamp::find("~stamp:x:1~").has_value());
  CHECK_FALSE(Stamp::find("~stamp:1:~").has_value());
}
