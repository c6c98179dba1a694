#include "core/event_kinds.h"

#include <catch2/catch.hpp>
#include <string>

#include "core/filter_error.h"

namespace ordercast {
namespace {

TEST_CASE("Without a list every event is told", "[event_kinds]") {
  const EventKinds kinds;
  CHECK(kinds.all());
  CHECK(kinds.has("insert"));
  CHECK(kinds.has("note"));
  CHECK(kinds.canonical().empty());
}

TEST_CASE("A list names rows' events and an application's own", "[event_kinds]") {
  const auto kinds = EventKinds::parse("insert,delete,kitchen.note-2");
  CHECK_FALSE(kinds.all());
  CHECK(kinds.has("insert"));
  CHECK(kinds.has("delete"));
  CHECK(kinds.has("kitchen.note-2"));
  CHECK_FALSE(kinds.has("update"));
  CHECK_FALSE(kinds.has("kitchen"));
}

TEST_CASE("Lists of the same events are equal", "[event_kinds]") {
  CHECK(EventKinds::parse("update,insert,update").canonical() ==
        EventKinds::parse("insert,update").canonical());
  CHECK(EventKinds::parse("insert").canonical() != EventKinds::parse("update").canonical());
}

TEST_CASE("A bad list is refused where it is bad", "[event_kinds]") {
  const auto [text, position] = GENERATE(table<std::string, std::size_t>({{"", 1},
                                                                          {"insert,", 8},
                                                                          {"insert,,delete", 8},
                                                                          {"insert, delete", 8},
                                                                          {"insert\n", 1},
                                                                          {"Insert", 1},
                                                                          {"insert;delete", 1}}));
  try {
    (void)EventKinds::parse(text);
    FAIL("not refused");
  } catch (const FilterError& error) {
    CHECK(error.parameter == "events");
    CHECK(error.position == position);
    CHECK_THAT(error.what(), Catch::Contains("insert, update, delete"));
  }
  CHECK_THROWS_AS(EventKinds::parse(std::string(64, 'a')), FilterError);
}

TEST_CASE("What tells a client where it stands is not a matter of choice", "[event_kinds]") {
  const auto* name = GENERATE("hello", "ready", "reset", "status", "end", "heartbeat", "retry");
  CHECK_THROWS_WITH(EventKinds::parse(std::string("insert,") + name),
                    Catch::Contains("always sent"));
}

TEST_CASE("What no event can be called is not waited for", "[event_kinds]") {
  const auto* name = GENERATE("open", "error", "message");
  CHECK_THROWS_WITH(EventKinds::parse(std::string("insert,") + name),
                    Catch::Contains("no event is called"));
}

}  // namespace
}  // namespace ordercast
