#include "http/stream_request.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/orders_stream.h"

namespace ordercast::http {
namespace {

using Catch::Contains;
using nlohmann::json;
using testing::Order;
using testing::orders_stream;

constexpr Epoch kEpoch{0x0123456789ab};

Request get(std::vector<Parameter> params, std::vector<Header> headers = {}) {
  Request request;
  request.method = "GET";
  request.params = std::move(params);
  request.headers = std::move(headers);
  return request;
}

StreamRequest understood(const Request& request, const StreamInfo& stream = orders_stream()) {
  auto parsed = parse_stream_request(request, {.info = stream}, kEpoch);
  if (const auto* refused = std::get_if<Response>(&parsed)) FAIL(refused->body);
  return std::get<StreamRequest>(std::move(parsed));
}

StreamRequest with(std::vector<Parameter> params) {
  return understood(get(std::move(params)));
}

// The problem, when it is one; its status is also that of the answer.
json refused(const Request& request) {
  const auto parsed = parse_stream_request(request, {.info = orders_stream()}, kEpoch);
  REQUIRE(std::holds_alternative<Response>(parsed));
  const auto& response = std::get<Response>(parsed);
  CHECK(response.content_type == "application/problem+json");
  const auto problem = json::parse(response.body);
  CHECK(problem.at("status") == response.status);
  return problem;
}

bool matches(const StreamRequest& wanted, const Order& order) {
  const auto row = order.row();
  return wanted.view.filter.matches(Row(row));
}

TEST_CASE("A request without parameters is for all of the stream from now on", "[stream_request]") {
  const auto wanted = with({});
  CHECK(wanted.view.stream == "orders");
  CHECK(wanted.view.filter.empty());
  CHECK(wanted.view.selection.all());
  CHECK(wanted.view.events.all());
  CHECK(wanted.view.format == FrameFormat::kSse);
  CHECK_FALSE(wanted.last_event_id);
  CHECK_FALSE(wanted.rows);
}

TEST_CASE("Where columns were chosen only these are shown, also without select",
          "[stream_request]") {
  auto stream = orders_stream();
  stream.columns.pop_back();
  stream.columns_chosen = true;
  const auto row = Order{}.row();  // of before, as the log has it
  for (const auto& request : {get({}), get({{"select", "*"}})}) {
    std::string shown;
    understood(request, stream).view.selection.append_row(shown, Row(row));
    CHECK(shown == R"({"id":"1","merchant_id":4,"status":"paid","total":"9.90"})");
  }
}

TEST_CASE("Parameters that mean nothing else are conditions, all at once", "[stream_request]") {
  const auto wanted =
      with({{"status", "in.(paid,shipped)"}, {"total", "gte.5"}, {"total", "lt.100"}});
  CHECK(matches(wanted, {.status = "paid", .total = "5.00"}));
  CHECK_FALSE(matches(wanted, {.status = "new", .total = "5.00"}));
  CHECK_FALSE(matches(wanted, {.status = "paid", .total = "4.99"}));
  CHECK_FALSE(matches(wanted, {.status = "paid", .total = "100"}));
}

TEST_CASE("select chooses columns, events chooses events", "[stream_request]") {
  const auto wanted = with({{"select", "id,state:status"}, {"events", "insert,echo"}});
  CHECK(wanted.view.selection.canonical() ==
        Selection::parse("id,state:status", orders_stream()).canonical());
  CHECK(wanted.view.events.has("insert"));
  CHECK(wanted.view.events.has("echo"));
  CHECK_FALSE(wanted.view.events.has("delete"));
  CHECK(with({{"select", "*"}}).view.selection.all());
}

TEST_CASE("snapshot=true asks for the rows of the same filter, in an order, up to a limit",
          "[stream_request]") {
  const auto wanted = with(
      {{"snapshot", "true"}, {"status", "eq.paid"}, {"order", "total.desc,id"}, {"limit", "20"}});
  REQUIRE(wanted.rows);
  CHECK(wanted.rows->stream == "orders");
  CHECK(wanted.rows->filter.canonical() == wanted.view.filter.canonical());
  CHECK_FALSE(wanted.rows->filter.empty());
  CHECK(wanted.rows->order.canonical() ==
        OrderBy::parse({"order", "total.desc,id"}, orders_stream()).canonical());
  CHECK(wanted.rows->limit == 20);

  const auto all = with({{"snapshot", "true"}});
  REQUIRE(all.rows);
  CHECK(all.rows->filter.empty());
  CHECK(all.rows->order.empty());
  CHECK_FALSE(all.rows->limit);
  CHECK_FALSE(with({{"snapshot", "false"}}).rows);
}

TEST_CASE("The cursor is in the header or the query, and the header wins", "[stream_request]") {
  const auto cursor = [](std::vector<Parameter> params, std::vector<Header> headers) {
    return understood(get(std::move(params), std::move(headers))).last_event_id;
  };
  CHECK(cursor({}, {{"last-event-id", "1h"}}) == "1h");
  CHECK(cursor({{"last_event_id", "1q"}}, {}) == "1q");
  CHECK(cursor({{"lastEventId", "1e"}}, {}) == "1e");
  CHECK(cursor({{"lastEventId", "1e"}, {"last_event_id", "1q"}}, {}) == "1q");
  CHECK(cursor({{"last_event_id", "1q"}, {"lastEventId", "1e"}}, {{"Last-Event-ID", "1h"}}) ==
        "1h");
  // A client that has had nothing yet may send an empty one.
  CHECK(cursor({{"last_event_id", "1q"}}, {{"Last-Event-ID", ""}}) == "1q");
  CHECK_FALSE(cursor({{"last_event_id", ""}}, {}));
}

TEST_CASE("What cannot be understood is refused with 400, and says what would be",
          "[stream_request]") {
  struct Case {
    std::vector<Parameter> params;
    std::string parameter;
    std::string says;
  };
  const auto [params, parameter, says] = GENERATE(values<Case>({
      {{{"statsu", "eq.paid"}}, "statsu", "no column 'statsu'; the columns of 'orders' are: id"},
      {{{"total", "gte.x"}}, "total", "total=…, character 5"},
      {{{"total", "100"}}, "total", "eq"},
      {{{"select", "id,nope"}}, "select", "select=…, character 4: there is no column 'nope'; the"},
      {{{"select", ""}}, "select", "a column was expected"},
      {{{"events", "insert,"}}, "events", "events=…, character 8: insert, update, delete"},
      {{{"events", "reset"}}, "events", "'reset' is always sent"},
      {{{"snapshot", "1"}}, "snapshot", "it is 'true' or 'false'"},
      {{{"snapshot", ""}}, "snapshot", "it is 'true' or 'false'"},
      {{{"snapshot", "true"}, {"order", "nope"}}, "order", "there is no column 'nope'"},
      {{{"snapshot", "true"}, {"limit", "-1"}}, "limit", "expected a number from 0"},
      {{{"order", "id"}}, "order", "of the present rows: add snapshot=true"},
      {{{"snapshot", "false"}, {"limit", "5"}}, "limit", "of the present rows: add snapshot=true"},
      {{{"select", "id"}, {"select", "status"}}, "select", "it is there twice"},
      {{{"events", "insert"}, {"events", "insert"}}, "events", "it is there twice"},
      {{{"snapshot", "true"}, {"limit", "1"}, {"limit", "2"}}, "limit", "it is there twice"},
      {{{"last_event_id", "1"}, {"last_event_id", "2"}}, "last_event_id", "it is there twice"},
  }));
  const auto problem = refused(get(params));
  CHECK(problem.at("status") == 400);
  CHECK(problem.at("code") == "bad_parameter");
  CHECK(problem.at("parameter") == parameter);
  CHECK_THAT(problem.at("detail").get<std::string>(), Contains(says));
}

TEST_CASE("A column that is called as a parameter is reached through and=( )", "[stream_request]") {
  const auto name =
      GENERATE("select", "events", "snapshot", "order", "limit", "last_event_id", "lastEventId");
  auto stream = orders_stream();
  stream.columns = {{.name = name, .type = "text", .base = "text"}};
  const auto wanted = understood(get({{"and", std::string("(") + name + ".eq.x)"}}), stream);
  CHECK(wanted.view.filter.matches(Row(std::string(R"({")") + name + R"(":"x"})")));
  CHECK_FALSE(wanted.view.filter.matches(Row(std::string(R"({")") + name + R"(":"y"})")));
}

TEST_CASE("heartbeat=event makes events of the heartbeats, where they are none",
          "[stream_request]") {
  const auto sse = with({{"heartbeat", "event"}});
  CHECK(sse.view.format == FrameFormat::kSseHeartbeats);
  CHECK(sse.view.canonical() != with({}).view.canonical());
  CHECK(sse.view.filter.empty());
  CHECK(
      understood(get({{"heartbeat", "event"}}, {{"Accept", "application/x-ndjson"}})).view.format ==
      FrameFormat::kNdjson);
  CHECK(refused(get({{"heartbeat", "id"}})).at("parameter") == "heartbeat");
}

TEST_CASE("The form is the one that the client prefers, text/event-stream when it does not",
          "[stream_request]") {
  const auto format = [](const std::string& accept) {
    return accepted_format(get({}, {{"Accept", accept}}));
  };
  CHECK(accepted_format(get({})) == FrameFormat::kSse);
  for (const auto* accept :
       {"text/event-stream", "*/*", "text/*", "*/*;q=0.1",
        "text/event-stream, application/x-ndjson", "application/x-ndjson;q=0.5, */*"}) {
    INFO(accept);
    CHECK(format(accept) == FrameFormat::kSse);
  }
  for (const auto* accept :
       {"application/x-ndjson", "application/*", "APPLICATION/X-NDJSON;q=0.1",
        "text/event-stream;q=0.5, application/x-ndjson", "application/x-ndjson, */*;q=0.1"}) {
    INFO(accept);
    CHECK(format(accept) == FrameFormat::kNdjson);
  }
  CHECK(understood(get({}, {{"Accept", "application/x-ndjson"}})).view.format ==
        FrameFormat::kNdjson);
}

TEST_CASE("Who accepts neither form is told both with 406", "[stream_request]") {
  const auto accept = GENERATE("application/json", "text/html", "", "*/*;q=0",
                               "text/event-stream;q=0, application/x-ndjson;q=0");
  CAPTURE(accept);
  const auto problem = refused(get({}, {{"Accept", accept}}));
  CHECK(problem.at("status") == 406);
  CHECK(problem.at("code") == "not_acceptable");
  CHECK(problem.at("title") == "Not Acceptable");
  CHECK_THAT(problem.at("detail").get<std::string>(),
             Contains("text/event-stream") && Contains("application/x-ndjson"));
}

}  // namespace
}  // namespace ordercast::http
