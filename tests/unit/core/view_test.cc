#include "core/view.h"

#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/cursor.h"
#include "core/filter_error.h"
#include "support/arbitrary_position.h"
#include "support/event_stream.h"
#include "support/orders_stream.h"

namespace ordercast {
namespace {

using nlohmann::json;
using testing::EventStream;
using testing::Order;

constexpr Epoch kEpoch{0xabc};
const Position kStart{{5, 5, {}}, std::nullopt};

Change change(std::int64_t seq, TransactionId tx, const std::string& stream = "orders") {
  Change change;
  change.seq = seq;
  change.tx = tx;
  change.stream = stream;
  change.key = "{}";
  change.new_row = "{}";
  return change;
}

ParsedBatch page(std::vector<Change> changes, bool complete) {
  return ParsedBatch(
      std::make_shared<const Batch>(Batch{kStart, {9, 9, {}}, complete, std::move(changes)}));
}

std::vector<Position> ids(const std::string& frames) {
  std::vector<Position> positions;
  for (const auto& event : EventStream(frames).events) {
    const auto cursor = Cursor::decode(event.id);
    REQUIRE(cursor);
    CHECK(cursor->epoch == kEpoch);
    positions.push_back(cursor->position);
  }
  return positions;
}

TEST_CASE("A view shows the changes of its stream only", "[view]") {
  auto catalog = change(3, 5);
  catalog.op = Op::kCatalog;
  const auto batch = page({change(1, 5), change(2, 5, "items"), catalog, change(4, 5)}, false);
  const auto positions = ids(View("orders").encode(batch, kEpoch, kStart).text);
  REQUIRE(positions.size() == 2);
  CHECK(positions[0].in_batch->seq == 1);
  CHECK(positions[1].in_batch->seq == 4);
  CHECK(View("other").encode(batch, kEpoch, kStart).text.empty());
}

TEST_CASE("The last id of a batch is that of its snapshot", "[view]") {
  const Position::InBatch first{{9, 9, {}}, 1};
  const auto changes = std::vector{change(1, 5), change(2, 6), change(3, 6, "items")};
  CHECK(ids(View("orders").encode(page(changes, true), kEpoch, kStart).text) ==
        std::vector<Position>{{kStart.seen, first}, {{9, 9, {}}, std::nullopt}});
}

TEST_CASE("While more pages of a batch follow, every id is inside it", "[view]") {
  const Snapshot now{9, 9, {}};
  const auto changes = std::vector{change(1, 5), change(2, 6)};
  CHECK(ids(View("orders").encode(page(changes, false), kEpoch, kStart).text) ==
        std::vector<Position>{{kStart.seen, Position::InBatch{now, 1}},
                              {kStart.seen, Position::InBatch{now, 2}}});
}

TEST_CASE("A view finds the last reset of its rows that the reader has not had", "[view]") {
  auto truncate = change(2, 5);
  truncate.op = Op::kTruncate;
  auto reload = change(3, 6);
  reload.op = Op::kReload;
  auto other = change(4, 6, "items");
  other.op = Op::kTruncate;
  const auto batch = page({change(1, 5), truncate, reload, other, change(5, 6)}, true);
  CHECK(View("orders").reset_in(batch, kStart) == "reload");
  CHECK(View("orders").reset_in(batch, {{5, 7, {5}}, std::nullopt}) == "truncate");
  CHECK(View("orders").reset_in(batch, {{7, 7, {}}, std::nullopt}).empty());
  CHECK(View("parcels").reset_in(batch, kStart).empty());
}

TEST_CASE("What the reader has had is left out", "[view]") {
  const auto changes = std::vector{change(1, 5), change(2, 6), change(3, 5), change(4, 7)};
  SECTION("by its snapshot") {
    const Position ahead{{5, 7, {5}}, std::nullopt};
    const auto positions = ids(View("orders").encode(page(changes, true), kEpoch, ahead).text);
    REQUIRE(positions.size() == 3);
    CHECK(positions[0] == Position{ahead.seen, Position::InBatch{{9, 9, {}}, 1}});
    CHECK(positions[1] == Position{ahead.seen, Position::InBatch{{9, 9, {}}, 3}});
    CHECK(positions[2] == Position{{9, 9, {}}, std::nullopt});
  }
  SECTION("inside the batch") {
    const Position inside{kStart.seen, Position::InBatch{{9, 9, {}}, 3}};
    CHECK(ids(View("orders").encode(page(changes, true), kEpoch, inside).text) ==
          std::vector<Position>{{{9, 9, {}}, std::nullopt}});
  }
  SECTION("all of it") {
    CHECK(View("orders")
              .encode(page(changes, true), kEpoch, {{9, 9, {}}, std::nullopt})
              .text.empty());
  }
}

TEST_CASE("Each id resumes right after its change", "[view][property]") {
  rc::prop(
      "the reader has had what it had, and the batch's changes up to the one that carries the id",
      [] {
        const auto before = *testing::snapshots(1000);
        const auto reader = *testing::snapshots_after(before);
        const auto now = *testing::snapshots_after(reader);
        Batch batch{{before, std::nullopt}, now, *rc::gen::arbitrary<bool>(), {}};
        for (std::int64_t seq = 1; seq <= 8; ++seq) {
          const auto tx = *rc::gen::inRange<TransactionId>(before.xmin, now.xmax + 1);
          if (!now.sees(tx) || before.sees(tx)) continue;
          batch.changes.push_back(
              change(seq, tx, *rc::gen::element<std::string>("orders", "items")));
        }
        const ParsedBatch parsed(std::make_shared<const Batch>(batch));
        const auto positions =
            ids(View("orders").encode(parsed, kEpoch, {reader, std::nullopt}).text);

        std::size_t sent = 0;
        for (const auto& each : batch.changes) {
          if (each.stream != "orders" || reader.sees(each.tx)) continue;
          RC_ASSERT(sent < positions.size());
          for (const auto& other : batch.changes) {
            if (other.stream != "orders") continue;
            RC_ASSERT(positions[sent].has(other) ==
                      (reader.sees(other.tx) || other.seq <= each.seq));
          }
          ++sent;
        }
        RC_ASSERT(sent == positions.size());
      });
}

View view_of(const std::vector<Parameter>& filter, std::string_view select = "*",
             const std::string& events = "") {
  return View({.stream = "orders",
               .filter = testing::orders_filter(filter),
               .selection = Selection::parse(select, testing::orders_stream()),
               .events = events.empty() ? EventKinds() : EventKinds::parse(events)});
}

const std::vector<Parameter> kMerchant4{{"merchant_id", "eq.4"}};
const std::vector<Parameter> kPaid{{"status", "eq.paid"}};

std::vector<EventStream::Event> events(const View& view, const std::vector<Change>& changes) {
  return EventStream(view.encode(testing::batch_of(changes), kEpoch, kStart).text).events;
}

// The one event that the view tells of this change.
EventStream::Event event_of(const View& view, const Change& change) {
  const auto told = events(view, {change});
  REQUIRE(told.size() == 1);
  return told[0];
}

TEST_CASE("A filter shows the changes of its rows only", "[view]") {
  const auto view = view_of(kMerchant4);
  CHECK(event_of(view, testing::insert_of({})).name == "insert");
  CHECK(event_of(view, testing::update_of({}, {.status = "packed"})).name == "update");
  CHECK(event_of(view, testing::delete_of({})).name == "delete");
  const Order other{.merchant_id = 5};
  CHECK(events(view, {testing::insert_of(other),
                      testing::update_of(other, {.merchant_id = 5, .status = "packed"}),
                      testing::delete_of(other)})
            .empty());
}

TEST_CASE("An update that brings a row into the view is an insert", "[view]") {
  const auto event =
      event_of(view_of(kMerchant4), testing::update_of({.merchant_id = 5, .total = "66.60"}, {}));
  CHECK(event.name == "insert");
  const auto data = json::parse(event.data);
  CHECK(data["op"] == "update");
  CHECK(data["row"] == json::parse(Order{}.row()));
  CHECK_FALSE(data.contains("changed"));
  CHECK_THAT(event.data, !Catch::Contains("66.60"));
}

TEST_CASE("An update that takes a row out of the view is a delete, and shows no new value",
          "[view]") {
  const auto* select = GENERATE("*", "id,total");
  const auto event = event_of(view_of(kMerchant4, select),
                              testing::update_of({}, {.merchant_id = 5, .total = "66.60"}));
  CHECK(event.name == "delete");
  const auto data = json::parse(event.data);
  CHECK(data["op"] == "update");
  CHECK(data["row"]["total"] == "9.90");
  CHECK_FALSE(data.contains("changed"));
  CHECK_THAT(event.data, !Catch::Contains("66.60"));
}

TEST_CASE("Columns that are not selected are in no event", "[view]") {
  const auto view = view_of({}, "id,state:status");
  const auto changes =
      std::vector{testing::insert_of({.total = "66.60"}),
                  testing::update_of({.total = "66.60"}, {.status = "packed", .total = "66.61"}),
                  testing::delete_of({.total = "66.60"})};
  const auto told = events(view, changes);
  REQUIRE(told.size() == 3);
  for (const auto& event : told) {
    CHECK_THAT(event.data, !Catch::Contains("66.6"));
    CHECK(json::parse(event.data)["key"] == json{{"id", "1"}});
  }
  CHECK(json::parse(told[0].data)["row"] == json{{"id", "1"}, {"state", "paid"}});
  CHECK(json::parse(told[1].data)["changed"] == json{{"state", {"paid", "packed"}}});
  CHECK(json::parse(told[2].data)["row"] == json{{"id", "1"}, {"state", "paid"}});
}

TEST_CASE("An update of nothing that is selected is not told", "[view]") {
  const auto update = testing::update_of({}, {.total = "66.60"});
  CHECK(events(view_of({}, "id,status"), {update}).empty());
  CHECK(events(view_of({}, "id,total"), {update}).size() == 1);
  // It comes and goes all the same.
  CHECK(event_of(view_of({{"total", "gt.50"}}, "id,status"), update).name == "insert");
  CHECK(event_of(view_of({{"total", "lt.50"}}, "id,status"), update).name == "delete");
}

TEST_CASE("events= limits what is told to what the view takes it for", "[view]") {
  const auto entering = testing::update_of({.status = "new"}, {});
  const auto leaving = testing::update_of({}, {.status = "packed"});
  const auto staying = testing::update_of({}, {.total = "66.60"});
  const auto changes = std::vector{entering, staying, leaving};
  const auto names = [&](const std::string& kinds) {
    std::vector<std::string> names;
    for (const auto& event : events(view_of(kPaid, "*", kinds), changes))
      names.push_back(event.name);
    return names;
  };
  CHECK(names("") == std::vector<std::string>{"insert", "update", "delete"});
  CHECK(names("insert,delete") == std::vector<std::string>{"insert", "delete"});
  CHECK(names("update") == std::vector<std::string>{"update"});
  CHECK(names("note").empty());
}

TEST_CASE("A reset goes through every filter and list of events", "[view]") {
  const auto op = GENERATE(Op::kTruncate, Op::kReload);
  const auto view = view_of(kMerchant4, "id", "insert");
  const auto change = testing::change_of(op);
  CHECK(event_of(view, change).name == "reset");
  CHECK(view.reset_in(testing::batch_of({change}), kStart) == reset_reason(ParsedChange(change)));
}

TEST_CASE("A message has no row that a filter could hold back, but events= can", "[view]") {
  const auto message = testing::message_of("note", R"({"text":"hi"})");
  const auto event = event_of(view_of(kMerchant4, "id"), message);
  CHECK(event.name == "note");
  CHECK(json::parse(event.data)["data"] == json{{"text", "hi"}});
  CHECK(events(view_of({}, "*", "note"), {message}).size() == 1);
  CHECK(events(view_of({}, "*", "insert,other"), {message}).empty());
}

TEST_CASE("What is too large to be looked at is neither shown to a filtered view nor kept from it",
          "[view]") {
  const auto change = testing::too_large(GENERATE(testing::insert_of({}), testing::delete_of({}),
                                                  testing::update_of({}, {.status = "packed"})));
  const auto events = GENERATE("", "insert");
  const auto view = view_of(kMerchant4, "*", events);
  const auto event = event_of(view, change);
  CHECK(event.name == "reset");
  CHECK(json::parse(event.data)["reason"] == "too_large");
  CHECK_THAT(event.data, !Catch::Contains("key"));
  CHECK(view.reset_in(testing::batch_of({change}), kStart) == "too_large");
}

TEST_CASE("What is too large is told by its key where there is no filter", "[view]") {
  const auto* select = GENERATE("*", "id,status");
  const auto view = view_of({}, select);
  const auto change = testing::too_large(testing::update_of({}, {.status = "packed"}));
  const auto event = event_of(view, change);
  CHECK(event.name == "update");
  const auto data = json::parse(event.data);
  CHECK(data["key"] == json{{"id", "1"}});
  CHECK(data["row"] == nullptr);
  CHECK(data["truncated"] == true);
  CHECK(view.reset_in(testing::batch_of({change}), kStart).empty());
}

TEST_CASE("The last event that a view tells of a batch has the batch's id", "[view]") {
  // The change after it is not for this view.
  const auto told =
      events(view_of(kMerchant4), {testing::insert_of({}), testing::insert_of({.id = 2}),
                                   testing::insert_of({.merchant_id = 5})});
  REQUIRE(told.size() == 2);
  CHECK(Cursor::decode(told[0].id)->position.in_batch);
  CHECK(Cursor::decode(told[1].id)->position == Position{{9, 9, {}}, std::nullopt});
}

TEST_CASE("The candidates are all that a view looks at", "[view]") {
  const auto batch = testing::batch_of({testing::insert_of({}), testing::insert_of({.id = 2})});
  const std::vector<std::size_t> second{1};
  const EventStream stream(View("orders").encode(batch, kEpoch, kStart, second).text);
  REQUIRE(stream.events.size() == 1);
  CHECK(json::parse(stream.events[0].data)["seq"] == 2);
  const auto with_reset =
      testing::batch_of({testing::change_of(Op::kTruncate), testing::insert_of({})});
  CHECK(View("orders").reset_in(with_reset, kStart, second).empty());
}

TEST_CASE("A view can be read as a JSON object a line", "[view]") {
  const View view({.stream = "orders", .format = FrameFormat::kNdjson});
  std::istringstream lines(
      view.encode(testing::batch_of({testing::insert_of({}), testing::delete_of({}),
                                     testing::message_of("note", R"({"event":"insert","id":"x"})"),
                                     testing::change_of(Op::kTruncate)}),
                  kEpoch, kStart)
          .text);
  std::vector<std::string> names;
  for (std::string line; std::getline(lines, line);) {
    const auto event = json::parse(line);
    names.push_back(event["event"]);
    CHECK(Cursor::decode(event["id"].get<std::string>()));
    CHECK(event["seq"] == static_cast<int>(names.size()));
  }
  CHECK(names == std::vector<std::string>{"insert", "delete", "note", "reset"});
}

TEST_CASE("Present rows are shown as the view sees rows, whatever events= says", "[view]") {
  const auto view = view_of(kMerchant4, "id,total", "delete");
  View::Told told;
  view.append_row(told, {R"({"id":"1"})", Order{}.row()});
  view.append_row(told, {R"({"id":"2"})", Order{.id = 2, .merchant_id = 5}.row()});
  const EventStream stream(told.text);
  REQUIRE(stream.events.size() == 1);
  CHECK(stream.events[0].name == "insert");
  CHECK(stream.events[0].data ==
        R"({"op":"insert","key":{"id":"1"},"row":{"id":"1","total":"9.90"},"snapshot":true})");
}

TEST_CASE("A present row that is too large is told by its key, whatever the filter", "[view]") {
  for (const auto& view : {view_of({}, "*"), view_of(kMerchant4, "id,total")}) {
    View::Told told;
    view.append_row(told, {R"({"id":"1"})", ""});
    CHECK(told.text ==
          "event: insert\ndata: "
          R"({"op":"insert","key":{"id":"1"},"row":null,"truncated":true,"snapshot":true})"
          "\n\n");
  }
}

TEST_CASE("Views that show the same have one name, others have others", "[view]") {
  const auto spec = [](const std::vector<Parameter>& filter, std::string_view select,
                       const std::string& events, FrameFormat format = FrameFormat::kSse) {
    return ViewSpec{.stream = "orders",
                    .filter = testing::orders_filter(filter),
                    .selection = Selection::parse(select, testing::orders_stream()),
                    .events = EventKinds::parse(events),
                    .format = format}
        .canonical();
  };
  const auto one =
      spec({{"merchant_id", "eq.4"}, {"status", "eq.paid"}}, "status", "insert,delete");
  CHECK(one ==
        spec({{"status", "eq.paid"}, {"merchant_id", "eq.4"}}, "status,id", "delete,insert"));
  CHECK(one != spec(kMerchant4, "status", "insert,delete"));
  CHECK(one != spec({{"merchant_id", "eq.4"}, {"status", "eq.paid"}}, "id", "insert,delete"));
  CHECK(one != spec({{"merchant_id", "eq.4"}, {"status", "eq.paid"}}, "status", "insert"));
  CHECK(one != spec({{"merchant_id", "eq.4"}, {"status", "eq.paid"}}, "status", "insert,delete",
                    FrameFormat::kNdjson));
  CHECK(ViewSpec{.stream = "orders"}.canonical() != ViewSpec{.stream = "items"}.canonical());
}

TEST_CASE("A view explains what it makes of a change", "[view]") {
  const auto view = view_of(kMerchant4, "id,status", "insert,delete");
  const auto leaves = view.explain(testing::update_of({}, {.merchant_id = 5}));
  CHECK(leaves.old_row_matches == true);
  CHECK(leaves.new_row_matches == false);
  CHECK(leaves.event == "delete");

  const auto elsewhere = view.explain(testing::insert_of({.merchant_id = 5}));
  CHECK_FALSE(elsewhere.old_row_matches);
  CHECK(elsewhere.new_row_matches == false);
  CHECK(elsewhere.event.empty());
  CHECK_THAT(std::string(elsewhere.reason), Catch::Contains("filter"));

  const auto unselected = view.explain(testing::update_of({}, {.total = "66.60"}));
  CHECK(unselected.event.empty());
  CHECK_THAT(std::string(unselected.reason), Catch::Contains("`select`"));

  const auto unwanted = view.explain(testing::update_of({}, {.status = "packed"}));
  CHECK(unwanted.event.empty());
  CHECK_THAT(std::string(unwanted.reason), Catch::Contains("`events`"));

  CHECK(view.explain(testing::change_of(Op::kTruncate)).event == "reset");
  CHECK(view.explain(testing::too_large(testing::insert_of({}))).event == "reset");
  CHECK_THAT(std::string(View("items").explain(testing::insert_of({})).reason),
             Catch::Contains("another stream"));
}

TEST_CASE("What is not of the time that is asked for is not told, not even a reset", "[view]") {
  const View view(ViewSpec{.stream = "orders", .window = {.since = 0}});  // from the year 2000 on
  for (const auto op : {Op::kInsert, Op::kTruncate}) {
    auto early = change(1, 7);
    early.op = op;
    early.new_row = "{}";
    early.at = "1999-12-31T23:59:59.999999Z";
    CHECK(view.explain(early).event.empty());
    auto in_time = early;
    in_time.at = "2000-01-01T00:00:00.000000Z";
    CHECK_FALSE(view.explain(in_time).event.empty());
    Batch page{kStart, {9, 9, {}}, true, {early}};
    const ParsedBatch parsed(std::make_shared<const Batch>(std::move(page)));
    CHECK(view.reset_in(parsed, kStart).empty());
  }
}

}  // namespace
}  // namespace ordercast
