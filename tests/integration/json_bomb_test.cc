// docs/security.md row 20: no row, however deep or large the JSON in it, ends the process, takes
// its memory, or is in the way of other streams.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <string>
#include <vector>

#include "base/thread.h"
#include "support/event_client.h"
#include "support/node.h"
#include "support/test_database.h"

namespace ordercast {
namespace {

using namespace testing;

constexpr std::int64_t kMiB = 1 << 20;

// Two streams: of `orders`, which holds the bombs, and of `parcels`, which must notice nothing.
class Shop {
 public:
  Shop() {
    database_.exec(
        "CREATE TABLE orders (id bigint PRIMARY KEY, doc json, items jsonb, note text);"
        "CREATE TABLE parcels (id int PRIMARY KEY);"
        "SELECT ordercast.watch('public.orders'), ordercast.watch('public.parcels')");
  }
  [[nodiscard]] TestDatabase& database() { return database_; }

  // Whether somebody who watches the other table is told of a change of it.
  bool serves(ServedNode& node, EventClient& parcels) {
    database_.exec(fmt::format("INSERT INTO parcels VALUES ({})", ++parcels_));
    return parcels.expect("insert").at("key").at("id") == parcels_ &&
           node.get("/livez").status == 200;
  }

 private:
  TestDatabase database_;
  int parcels_ = 0;
};

// The greatest depth, up to 100,000, that this PostgreSQL takes.
int greatest_depth(TestDatabase& database) {
  database.exec("SET max_stack_depth = '7MB'");
  for (int depth = 100'000; depth > 1'000; depth -= 3'000) {
    try {
      database.exec(fmt::format("SELECT (repeat('[', {0}) || repeat(']', {0}))::jsonb", depth));
      return depth;
    } catch (const pqxx::sql_error&) {  // stack depth limit exceeded
    }
  }
  throw std::runtime_error("PostgreSQL takes no deep JSON at all");
}

// The highest that its resident memory has ever been.
std::int64_t most_memory(pid_t process) {
  std::ifstream status(fmt::format("/proc/{}/status", process));
  for (std::string word; status >> word;) {
    std::int64_t kib = 0;
    if (word == "VmHWM:" && status >> kib) return kib * 1024;
  }
  throw std::runtime_error("no VmHWM");
}

// The data of the events of that type, unparsed: what is in it is too deep for a parser.
std::vector<std::string> events(ServedNode& node, const std::string& query,
                                const std::string& type) {
  EventStreamClient stream(node.port(), "/v1/streams/orders?until=now&" + query);
  std::vector<std::string> data;
  while (const auto event = stream.next()) {
    if (event->type == type) data.push_back(event->data);
  }
  return data;
}

}  // namespace

TEST_CASE("A row as deep as PostgreSQL takes is streamed by every way there is") {
  Shop shop;
  const int depth = greatest_depth(shop.database());
  CHECK(depth > 5'000);
  ServedNode node(shop.database(), {"--desk"});
  EventClient parcels(node.port(), {.stream = "parcels"});
  const auto deep = std::string(static_cast<std::size_t>(depth), '[') +
                    std::string(static_cast<std::size_t>(depth), ']');
  shop.database().exec(fmt::format(
      "INSERT INTO orders VALUES (1, '{0}', '{0}', 'a'); UPDATE orders SET note = 'b'", deep));

  for (const auto* query : {"last_event_id=earliest", "last_event_id=earliest&select=id,items",
                            "last_event_id=earliest&items->0->0=is.null&events=insert",
                            "snapshot=true", "snapshot=true&items->0->0->0=is.null"}) {
    INFO(query);
    const auto told = events(node, query, "insert");
    const bool matches = std::string(query).find("is.null") == std::string::npos;
    REQUIRE(told.size() == (matches ? 1 : 0));
    if (matches) CHECK(told[0].find(deep) != std::string::npos);
  }
  CHECK(events(node, "last_event_id=earliest&items->0->>0=like.[*", "insert").size() == 1);
  const auto lines =
      fetch(node.port(), "GET", "/v1/streams/orders?until=now&last_event_id=earliest", {},
            {{"Accept", "application/x-ndjson"}});
  CHECK(lines.body.find(deep) != std::string::npos);
  CHECK(node.get("/v1/orders").body.find(deep) != std::string::npos);
  CHECK(node.get("/v1/orders/1").body.find(deep) != std::string::npos);
  CHECK(node.get("/v1/streams/orders/explain?items->0->>0=like.[*&seq=1").status != 500);
  CHECK(shop.serves(node, parcels));
}

TEST_CASE("A body as deep as it may be long is written or refused, and ends nothing") {
  Shop shop;
  ServedNode node(shop.database(), {"--desk"});
  EventClient parcels(node.port(), {.stream = "parcels"});
  for (const std::size_t depth : {1'000, 5'000, 10'000, 32'000}) {
    INFO(depth);
    for (const auto& [open, close] : {std::pair("[", "]"), std::pair("{\"a\":", "}")}) {
      std::string bomb;
      for (std::size_t i = 0; i < depth && bomb.size() < 50'000; ++i) bomb += open;
      bomb += "1";
      const auto levels = bomb.size() / std::string_view(open).size();
      for (std::size_t i = 0; i < levels && bomb.size() < 65'000; ++i) bomb += close;
      const auto post = [&](const char* method, const char* target, const std::string& body) {
        const auto response =
            fetch(node.port(), method, target, body, {{"Content-Type", "application/json"}});
        CHECK((response.status < 500 && response.status >= 200));
      };
      post("POST", "/v1/orders", fmt::format(R"({{"id":"{}","items":{}}})", 10 + depth, bomb));
      post("PATCH", "/v1/orders/1", fmt::format(R"({{"doc":{}}})", bomb));
      post("POST", "/v1/streams/orders/messages",
           fmt::format(R"({{"event":"bomb","data":{}}})", bomb));
    }
    CHECK(shop.serves(node, parcels));
  }
}

TEST_CASE("A row of 64 MiB is told by its key, live and among the present rows") {
  Shop shop;
  ServedNode node(shop.database());
  EventClient parcels(node.port(), {.stream = "parcels"});
  EventClient live(node.port());
  CHECK(shop.serves(node, parcels));
  const auto before = most_memory(node.process().pid());
  shop.database().exec(
      "INSERT INTO orders (id, items) VALUES (1, jsonb_build_object('a', repeat('x', 67108864)))");
  const auto told = live.expect("insert");
  CHECK(told.at("key").at("id") == "1");
  CHECK(told.at("row").is_null());
  CHECK(told.at("truncated") == true);
  CHECK(shop.serves(node, parcels));

  const auto present = events(node, "snapshot=true", "insert");
  REQUIRE(present.size() == 1);
  CHECK((present[0] ==  // Catch would print it
         R"({"op":"insert","key":{"id":"1"},"row":null,"truncated":true,"snapshot":true})"));
  const auto list = fetch(node.port(), "GET", "/v1/orders");
  CHECK(list.status == 400);
  CHECK_THAT(list.body, Catch::Contains("rows_too_large") && Catch::Contains("1 MiB"));
  CHECK(shop.serves(node, parcels));
  // The sanitizers keep what was freed.
  if (kSanitizerStackFactor == 1) CHECK(most_memory(node.process().pid()) - before < 8 * kMiB);
}

TEST_CASE("A table of wide rows is read a few rows at a time") {
  Shop shop;
  ServedNode node(shop.database());
  CHECK(events(node, "snapshot=true", "insert").empty());
  const auto before = most_memory(node.process().pid());
  // 100 MB in all, which a thousand rows at once would be.
  shop.database().exec(
      "INSERT INTO orders (id, note) SELECT i, repeat('x', 1000000) FROM generate_series(1, 100) "
      "i");
  EventStreamClient client(node.port(), "/v1/streams/orders?snapshot=true&until=now");
  int rows = 0;
  while (const auto event = client.next()) rows += event->type == "insert" ? 1 : 0;
  CHECK(rows == 100);
  if (kSanitizerStackFactor == 1) CHECK(most_memory(node.process().pid()) - before < 64 * kMiB);
}

}  // namespace ordercast
