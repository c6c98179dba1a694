// Accept: application/x-ndjson, as curl and a line reader see it.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "support/node.h"
#include "support/orders_table.h"

namespace ordercast {
namespace {

using namespace testing;
using nlohmann::json;

class LineReader {
 public:
  explicit LineReader(std::uint16_t port, const std::string& query = "",
                      const std::string& cursor = "")
      : connection_(port) {
    auto request = "GET /v1/streams/orders" + query +
                   " HTTP/1.1\r\nHost: localhost\r\nAccept: application/x-ndjson\r\n";
    if (!cursor.empty()) request += "Last-Event-ID: " + cursor + "\r\n";
    connection_.send(request + "\r\n");
    auto bytes = connection_.read_until("\r\n\r\n");
    const auto end = bytes.find("\r\n\r\n") + 4;
    head_ = bytes.substr(0, end);
    text_ = chunks_.feed(std::string_view(bytes).substr(end));
  }

  [[nodiscard]] const std::string& head() const { return head_; }

  // The next line; it is a JSON object, or this throws.
  json next() {
    while (text_.find('\n') == text_.npos) text_ += chunks_.feed(connection_.read_some());
    const auto line = json::parse(text_.substr(0, text_.find('\n')));
    text_.erase(0, text_.find('\n') + 1);
    if (line.contains("id")) cursor_ = line.at("id");
    return line;
  }
  json expect(const std::string& event) {
    auto line = next();
    INFO(line.dump());
    REQUIRE(line.at("event") == event);
    return line;
  }
  [[nodiscard]] const std::string& cursor() const { return cursor_; }

 private:
  RawConnection connection_;
  std::string head_;
  ChunkDecoder chunks_;
  std::string text_;
  std::string cursor_;
};

TEST_CASE("Each event is a line: a JSON object with its name, its cursor and its data") {
  OrdersTable orders;
  orders.exec("ALTER TABLE orders ADD COLUMN raw json");
  ServedNode node(orders.database());
  LineReader client(node.port(), "?snapshot=true&select=total,raw");
  CHECK_THAT(client.head(), Catch::StartsWith("HTTP/1.1 200 ") &&
                                Catch::Contains("Content-Type: application/x-ndjson\r\n"));
  CHECK(client.expect("retry").at("ms").is_number());
  const auto hello = client.expect("hello");
  CHECK(hello.at("stream") == "orders");
  CHECK_FALSE(hello.contains("id"));  // rows follow: to be cut among them is to begin anew
  client.expect("ready");
  CHECK_FALSE(client.cursor().empty());

  orders.exec(
      "INSERT INTO orders (id, total, raw) VALUES (1, 0.1234567890123456789, '{\"a\":\n1}')");
  const auto insert = client.expect("insert");
  CHECK(insert.at("op") == "insert");
  CHECK(insert.at("key") == json{{"id", "1"}});
  CHECK(insert.at("row") ==
        json{{"total", "0.1234567890123456789"}, {"raw", {{"a", 1}}}, {"id", "1"}});
  CHECK(insert.at("seq").is_number());
  CHECK(insert.at("id") == client.cursor());
  orders.exec("UPDATE orders SET total = 2; DELETE FROM orders");
  CHECK(client.expect("update").at("changed") == json{{"total", {"0.1234567890123456789", "2"}}});
  CHECK(client.expect("delete").at("row").at("total") == "2");
  orders.exec("SELECT ordercast.publish('orders', 'note', '{\"text\":\"line\\nbreak\"}')");
  CHECK(client.expect("note").at("data").at("text") == "line\nbreak");
}

TEST_CASE("A silent stream has heartbeats with a cursor, and any cursor resumes") {
  OrdersTable orders;
  orders.exec(
      "CREATE TABLE public.parcels (id int PRIMARY KEY); SELECT ordercast.watch('public.parcels')");
  ServedNode node(orders.database(), {"--heartbeat-ms", "50"});
  LineReader client(node.port(), "?status=eq.paid");
  client.expect("retry");
  const auto begin = client.expect("hello").at("id").get<std::string>();
  // Changes of others move the cursor of who is told nothing of them.
  orders.exec("INSERT INTO parcels VALUES (1); INSERT INTO orders (id) VALUES (1)");
  while (client.cursor() == begin) {
    const auto line = client.expect("heartbeat");
    CHECK(line.size() == 2);
  }
  const auto moved = client.cursor();
  orders.exec("INSERT INTO orders (id, status) VALUES (2, 'paid')");

  for (const auto& cursor : {begin, moved}) {
    LineReader resumed(node.port(), "?status=eq.paid", cursor);
    resumed.expect("retry");
    CHECK(resumed.expect("hello").at("resumed") == true);
    auto line = resumed.next();
    // Who has to look for long is not silent meanwhile.
    while (line.at("event") == "heartbeat") line = resumed.next();
    CHECK(line.at("event") == "insert");
    CHECK(line.at("key").at("id") == "2");
  }
}

}  // namespace
}  // namespace ordercast
