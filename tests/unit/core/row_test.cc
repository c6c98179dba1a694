#include "core/row.h"

#include <catch2/catch.hpp>
#include <stdexcept>

namespace ordercast {
namespace {

TEST_CASE("A row finds its columns by name, as PostgreSQL wrote them", "[row]") {
  const Row row(R"({"id":"42","total":"9.90","items":[{"qty": 2, "a,b":"}"}],"note":null})");
  CHECK(row.find("id") == R"("42")");
  CHECK(row.find("items") == R"([{"qty": 2, "a,b":"}"}])");
  CHECK(row.find("note") == "null");
  CHECK_FALSE(row.find("qty"));
  CHECK(row.members().size() == 4);
}

TEST_CASE("A column whose name JSON escapes is found by its name", "[row]") {
  const Row row(R"({"say \"hi\"":1,"tab\there":2})");
  CHECK(row.find(R"(say "hi")") == "1");
  CHECK(row.find("tab\there") == "2");
}

TEST_CASE("What is no JSON object is no row", "[row]") {
  CHECK_THROWS_AS(Row(R"(["id"])"), std::invalid_argument);
}

}  // namespace
}  // namespace ordercast
