#include "core/tenant.h"

#include <catch2/catch.hpp>

#include "support/orders_stream.h"

namespace ordercast {
namespace {

using Catch::Matchers::Contains;

StreamInfo divided_by(const std::string& type, std::vector<std::string> labels = {}) {
  return {.name = "orders",
          .table = "public.orders",
          .key = {"id"},
          .columns = {{.name = "id", .type = "bigint", .base = "bigint"},
                      {.name = "owner", .type = type, .base = type, .labels = std::move(labels)}},
          .tenant = "owner"};
}

TEST_CASE("A tenant owns the rows whose JSON has its value, typed by the column", "[tenant]") {
  const auto owns = [](const StreamInfo& stream, const char* value, const char* row) {
    return Tenant::of(stream, value).owns(Row(row));
  };
  CHECK(owns(divided_by("integer"), "4", R"({"id":"1","owner":4})"));
  CHECK_FALSE(owns(divided_by("integer"), "4", R"({"id":"1","owner":44})"));
  CHECK_FALSE(owns(divided_by("integer"), "4", R"({"id":"1","owner":"4"})"));
  CHECK(owns(divided_by("bigint"), "4", R"({"id":"1","owner":"4"})"));
  CHECK(owns(divided_by("text"), "a\"b\n", R"({"owner":"a\"b\n"})"));
  CHECK_FALSE(owns(divided_by("text"), "null", R"({"owner":null})"));
  CHECK_FALSE(owns(divided_by("text"), "4", R"({"id":"4"})"));
  CHECK_FALSE(owns(divided_by("text"), "", R"({"id":"4"})"));
  CHECK(owns(divided_by("boolean"), "true", R"({"owner":true})"));
  CHECK(owns(divided_by("public.shop", {"north", "south"}), "south", R"({"owner":"south"})"));
}

TEST_CASE("What cannot be a tenant's is refused, with the reason", "[tenant]") {
  const auto stream = testing::orders_stream();
  CHECK_THROWS_WITH(Tenant::of(stream, "4"), Contains("does not say whose rows it has"));
  auto lost = divided_by("integer");
  lost.columns.pop_back();
  CHECK_THROWS_AS(Tenant::of(lost, "4"), NotDivided);
  for (const auto* value : {"", "x", "007", "+4", " 4", "4 ", "4.0", "99999999999"}) {
    CHECK_THROWS_WITH(Tenant::of(divided_by("integer"), value), Contains("'owner' (integer)"));
  }
  CHECK_THROWS_AS(Tenant::of(divided_by("uuid"), "0F8FAD5B-D9CB-469F-A165-70867728950E"),
                  NotDivided);
  // Equal values have several texts, or none that is looked at.
  for (const auto* type : {"numeric", "double precision", "jsonb", "character", "date", "bytea"}) {
    CHECK_THROWS_WITH(Tenant::of(divided_by(type), "4"), Contains("owner"));
  }
}

}  // namespace
}  // namespace ordercast
