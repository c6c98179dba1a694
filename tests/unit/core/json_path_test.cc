#include "core/json_path.h"

#include <catch2/catch.hpp>
#include <string>

namespace ordercast {
namespace {

TEST_CASE("A path goes by keys and numbers of elements", "[json_path]") {
  const std::string items = R"([{"qty": 2, "sku": "A,]}"}, {"a\"b": [1, 2, 3]}])";
  CHECK(JsonPath({0, "sku"}).find(items) == R"("A,]}")");
  CHECK(JsonPath({1, "a\"b", -1}).find(items) == "3");
  CHECK(JsonPath({-2, "qty"}).find(items) == "2");
  CHECK_FALSE(JsonPath({2}).find(items));
  CHECK_FALSE(JsonPath({-3}).find(items));
  CHECK_FALSE(JsonPath({"0"}).find(items));
  CHECK_FALSE(JsonPath({0, 0}).find(items));
  CHECK_FALSE(JsonPath({0, "none"}).find(items));
}

TEST_CASE("To a number of an element a scalar is an array of one, as in PostgreSQL",
          "[json_path]") {
  CHECK(JsonPath({0}).find("5") == "5");
  CHECK(JsonPath({-1}).find("\"a\"") == "\"a\"");
  CHECK_FALSE(JsonPath({1}).find("5"));
  CHECK_FALSE(JsonPath({"a"}).find("5"));
}

TEST_CASE("A value of any depth is walked without the stack", "[json_path]") {
  constexpr std::size_t kDepth = 1'000'000;
  const auto deep = std::string(kDepth, '[') + std::string(kDepth, ']');
  CHECK(JsonPath({0, 0}).find(deep)->size() == deep.size() - 4);
}

}  // namespace
}  // namespace ordercast
