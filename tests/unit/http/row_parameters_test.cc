#include "http/row_parameters.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "support/orders_stream.h"

namespace ordercast::http {
namespace {

using Catch::Contains;
using testing::orders_stream;

RowParameters parse(std::vector<Parameter> params, RowsOf rows_of,
                    const StreamInfo& stream = orders_stream()) {
  Request request;
  request.params = std::move(params);
  return parse_row_parameters(request, {.info = stream}, rows_of);
}

TEST_CASE("Conditions, order and limit are told apart, and conditions kept as they came",
          "[row_parameters]") {
  const auto rows_of = GENERATE(RowsOf::kStream, RowsOf::kList);
  const auto parsed = parse({{"total", "gte.5"},
                             {"limit", "3"},
                             {"status", "eq.paid"},
                             {"order", "id"},
                             {"total", "lt.9"}},
                            rows_of);
  std::string conditions;
  for (const auto& [name, value] : parsed.conditions) conditions += name + "=" + value + " ";
  CHECK(conditions == "total=gte.5 status=eq.paid total=lt.9 ");
  CHECK(parsed.query.stream == "orders");
  CHECK(parsed.query.filter.canonical() ==
        Filter::parse(parsed.conditions, orders_stream()).canonical());
  CHECK(parsed.query.limit == 3);
  CHECK_FALSE(parsed.query.order.empty());
}

TEST_CASE("A stream's own parameter is no condition, of a list it is refused", "[row_parameters]") {
  const auto name = GENERATE("select", "events", "snapshot", "last_event_id", "lastEventId");
  auto stream = orders_stream();
  stream.columns = {{.name = name, .type = "text", .base = "text"}};
  CHECK(parse({{name, "eq.x"}}, RowsOf::kStream, stream).conditions.empty());
  // Here it could be one, but in the link to the stream it would not be.
  CHECK_THROWS_WITH(parse({{name, "eq.x"}}, RowsOf::kList, stream),
                    Contains(std::string("and=(") + name + ".eq.…)"));
  const auto reached = parse({{"and", std::string("(") + name + ".eq.x)"}}, RowsOf::kList, stream);
  CHECK_FALSE(reached.query.filter.empty());
}

TEST_CASE("What is no condition is there once", "[row_parameters]") {
  for (const auto* name : {"select", "events", "snapshot", "order", "limit", "last_event_id"}) {
    INFO(name);
    const std::string value = std::string(name) == "limit" ? "1" : "id";
    CHECK_THROWS_WITH(parse({{name, value}, {name, value}}, RowsOf::kStream),
                      Contains("it is there twice"));
  }
}

TEST_CASE("The answer names the parameter and the position for programs", "[row_parameters]") {
  const auto response = bad_parameter(FilterError({"li\"mit", "x"}, 0, "expected a number"));
  CHECK(response.status == 400);
  const auto problem = nlohmann::json::parse(response.body);
  CHECK(problem.at("code") == "bad_parameter");
  CHECK(problem.at("parameter") == "li\"mit");
  CHECK(problem.at("position") == 1);
  // There is none in a name.
  const auto of_name = bad_parameter(FilterError(orders_stream(), {"totl", "eq.1"}, {}, "?"));
  CHECK_FALSE(nlohmann::json::parse(of_name.body).contains("position"));
}

}  // namespace
}  // namespace ordercast::http
