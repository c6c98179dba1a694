#include "app/nearest_name.h"

#include <catch2/catch.hpp>

namespace ordercast::app {
namespace {

const std::vector<std::string> kNames{"max-streams", "max-streams-per-tenant", "drain-ms", "desk"};

TEST_CASE("The nearest name is what was meant", "[nearest_name]") {
  const auto [typed, meant] = GENERATE(table<std::string, std::string>({
      {"max-stream", "max-streams"},
      {"max_streams_per_tenant", "max-streams-per-tenant"},
      {"MAX-STREAMS", "max-streams"},
      {"dekc", "desk"},
      {"drian-ms", "drain-ms"},
      {"drain", "drain-ms"},
      {std::string(100'000, 'x'), "max-streams"},
  }));
  CHECK(nearest_name(typed, kNames) == meant);
}

TEST_CASE("Two letters that change places are one step, not two", "[nearest_name]") {
  CHECK(nearest_name("abdc", {"abxx", "abcd"}) == "abcd");
  CHECK(nearest_name("ba", {"bcde", "ab"}) == "ab");
}

TEST_CASE("An underscore is a dash, and a capital letter a small one", "[nearest_name]") {
  CHECK(nearest_name("a_b", {"axb", "a-b"}) == "a-b");
  CHECK(nearest_name("AB", {"cd", "ab"}) == "ab");
}

TEST_CASE("Among no names none is nearest", "[nearest_name]") {
  CHECK(nearest_name("desk", {}).empty());
}

}  // namespace
}  // namespace ordercast::app
