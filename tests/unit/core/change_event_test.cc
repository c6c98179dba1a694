#include "core/change_event.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "core/reset.h"
#include "support/event_stream.h"

namespace ordercast {
namespace {

using nlohmann::json;
using testing::EventStream;

Change order(Op op) {
  Change change;
  change.seq = 1234;
  change.tx = 742;
  change.stream = "orders";
  change.op = op;
  change.key = R"({"id":42})";
  change.at = "2026-11-23T17:56:29.123456Z";
  if (op != Op::kInsert) change.old_row = R"({"id":42,"status":"paid","total":19.90})";
  if (op != Op::kDelete) change.new_row = R"({"id":42,"status":"shipped","total":19.90})";
  return change;
}

EventStream::Event event_of(const Change& change) {
  std::string bytes;
  append_change(bytes, change, "cursor");
  const EventStream stream(bytes);
  REQUIRE(stream.events.size() == 1);
  CHECK(stream.events[0].id == "cursor");
  return stream.events[0];
}

TEST_CASE("An insert carries the new row", "[change_event]") {
  const auto event = event_of(order(Op::kInsert));
  CHECK(event.name == "insert");
  CHECK(event.data ==
        R"({"op":"insert","key":{"id":42},"row":{"id":42,"status":"shipped","total":19.90},)"
        R"("at":"2026-11-23T17:56:29.123456Z","seq":1234})");
}

TEST_CASE("An update carries the new row and what changed, before and after", "[change_event]") {
  const auto event = event_of(order(Op::kUpdate));
  CHECK(event.name == "update");
  CHECK(event.data ==
        R"({"op":"update","key":{"id":42},"row":{"id":42,"status":"shipped","total":19.90},)"
        R"("changed":{"status":["paid","shipped"]},)"
        R"("at":"2026-11-23T17:56:29.123456Z","seq":1234})");
}

TEST_CASE("A delete carries the old row", "[change_event]") {
  const auto event = event_of(order(Op::kDelete));
  CHECK(event.name == "delete");
  CHECK(event.data ==
        R"({"op":"delete","key":{"id":42},"row":{"id":42,"status":"paid","total":19.90},)"
        R"("at":"2026-11-23T17:56:29.123456Z","seq":1234})");
}

TEST_CASE("A truncate or reload becomes a reset that says why", "[change_event]") {
  const auto [op, reason] =
      GENERATE(table<Op, std::string>({{Op::kTruncate, "truncate"}, {Op::kReload, "reload"}}));
  auto change = order(op);
  change.key = change.old_row = change.new_row = "";
  const auto event = event_of(change);
  CHECK(event.name == "reset");
  CHECK(event.data == reset_data(reason, &change));
  CHECK(json::parse(event.data).at("seq") == 1234);
}

TEST_CASE("A row that was too large is left out, and the event says so", "[change_event]") {
  auto change = order(GENERATE(Op::kInsert, Op::kUpdate, Op::kDelete));
  change.old_row = change.new_row = "";
  change.truncated = true;
  const auto data = json::parse(event_of(change).data);
  CHECK(data["row"] == nullptr);
  CHECK(data["truncated"] == true);
  CHECK(data["key"] == json{{"id", 42}});
  CHECK_FALSE(data.contains("changed"));
}

TEST_CASE("Rows keep every digit, also those of changed members", "[change_event]") {
  auto change = order(Op::kUpdate);
  change.old_row = R"({"n":9007199254740993,"d":0.1234567890123456789,"same":1.50})";
  change.new_row = R"({"n":9007199254740995,"d":0.1234567890123456788,"same":1.50})";
  const auto data = event_of(change).data;
  CHECK_THAT(data, Catch::Contains(R"("row":)" + change.new_row));
  CHECK_THAT(data, Catch::Contains(R"("changed":{"n":[9007199254740993,9007199254740995],)"
                                   R"("d":[0.1234567890123456789,0.1234567890123456788]})"));
}

TEST_CASE("Line breaks in a json column reach the client as white space of the document",
          "[change_event]") {
  auto change = order(Op::kInsert);
  const auto* line_end = GENERATE("\n", "\r", "\r\n");
  change.new_row = std::string(R"({"items":[1,)") + line_end + "2]}";
  CHECK(json::parse(event_of(change).data)["row"] == json{{"items", {1, 2}}});
}

TEST_CASE("A message has its own name, and its data as it was published", "[change_event]") {
  auto change = order(Op::kMessage);
  change.key = R"({"event":"kitchen.note"})";
  change.old_row = "";
  change.new_row = R"({"text": "closes at 10", "n": 0.1234567890123456789})";
  const auto event = event_of(change);
  CHECK(event.name == "kitchen.note");
  CHECK(event.data ==
        R"({"op":"message","data":{"text": "closes at 10", "n": 0.1234567890123456789},)"
        R"("at":"2026-11-23T17:56:29.123456Z","seq":1234})");
}

TEST_CASE("A change of the catalog is not for clients", "[change_event]") {
  std::string out;
  CHECK_THROWS_AS(append_change(out, order(Op::kCatalog), "cursor"), std::logic_error);
}

TEST_CASE("A row of the snapshot is an insert without id", "[change_event]") {
  std::string bytes;
  append_snapshot_row(bytes, {R"({"id":42})", R"({"id":42,"total":19.90})"});
  const EventStream stream(bytes);
  REQUIRE(stream.events.size() == 1);
  CHECK(stream.events[0].id.empty());
  CHECK(stream.events[0].name == "insert");
  CHECK(stream.events[0].data ==
        R"({"op":"insert","key":{"id":42},"row":{"id":42,"total":19.90},"snapshot":true})");
}

}  // namespace
}  // namespace ordercast
