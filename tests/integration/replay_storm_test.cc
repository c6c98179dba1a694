// docs/security.md row 31, whole: a tenant whose clients all resume at once, each from another
// place, so that no page serves two of them, waits for itself. Others are not held up.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/thread.h"
#include "support/event_client.h"
#include "support/http_client.h"
#include "support/node.h"
#include "support/orders_table.h"
#include "support/temp_dir.h"
#include "support/test_keys.h"

namespace ordercast {
namespace {

using namespace testing;

constexpr int kCrowd = kSanitizerStackFactor > 1 ? 20 : 40;
// Of a third tenant, which all have to look through: some pages each.
constexpr int kRows = kSanitizerStackFactor > 1 ? 2'000 : 6'000;
constexpr char kOther[] = "2";

// A log of many places to resume from, and then a long way to the end. No node that is started
// afterwards has any of it in memory.
class LongLog {
 public:
  LongLog() {
    write_private(secret(), hmac_secret().material);
    orders_.exec("SELECT ordercast.watch('public.orders', tenant => 'merchant')");
    ServedNode node(orders_.database(), options());
    EventClient reader(node.port(), {.headers = {bearer_of("3")}});
    for (int i = 0; i <= kCrowd; ++i) {
      orders_.exec("INSERT INTO orders (id, merchant) VALUES (" + std::to_string(i) + ", 3)");
      reader.expect("insert");
      places_.push_back(reader.cursor());
    }
    orders_.exec(
        "INSERT INTO orders (id, merchant, note) SELECT i, 3, repeat('x', 200) "
        "FROM generate_series(1000, 1000 + " +
        std::to_string(kRows) + ") AS i");
    orders_.exec("INSERT INTO orders (id, merchant) VALUES (501, 1), (502, 2)");
  }

  [[nodiscard]] std::filesystem::path secret() const { return dir_.path() / "secret"; }
  [[nodiscard]] std::vector<std::string> options() const { return {"--jwt-key", secret()}; }
  // One for each of the crowd, and one more.
  [[nodiscard]] const std::vector<std::string>& places() const { return places_; }
  OrdersTable& orders() { return orders_; }

 private:
  TempDir dir_;
  OrdersTable orders_;
  std::vector<std::string> places_;
};

// One of the crowd: asks, and does not wait for an answer, so that all are there at once.
class Replaying {
 public:
  Replaying(std::uint16_t port, const std::string& place) : connection_(port) {
    const auto bearer = bearer_of("1");
    connection_.send("GET /v1/streams/orders HTTP/1.1\r\nHost: x\r\nLast-Event-ID: " + place +
                     "\r\n" + bearer.name + ": " + bearer.value + "\r\n\r\n");
  }

  // Whether it has been sent what it came for, so far.
  [[nodiscard]] bool is_through() {
    while (!connection_.silent_for(std::chrono::milliseconds(0))) {
      const auto more = connection_.read_some();
      if (more.empty()) break;  // it has ended
      told_ += more;
    }
    return told_.find(kInsert) != std::string::npos;
  }
  void wait() {
    if (!is_through()) told_ += connection_.read_until(kInsert);
  }

 private:
  static constexpr std::string_view kInsert = "event: insert";
  RawConnection connection_;
  std::string told_;
};

}  // namespace

TEST_CASE("While a whole tenant replays, another's client is through before most of its clients") {
  LongLog log;
  ServedNode node(log.orders().database(), log.options());
  EventClient live(node.port(), {.headers = {bearer_of(kOther)}});
  std::vector<Replaying> crowd;
  for (int i = 0; i < kCrowd; ++i) crowd.emplace_back(node.port(), log.places()[i]);
  EventClient other(node.port(), {.cursor = log.places()[kCrowd], .headers = {bearer_of(kOther)}});
  CHECK(other.expect("insert").at("key").at("id") == "502");
  const auto through = std::count_if(crowd.begin(), crowd.end(),
                                     [](Replaying& client) { return client.is_through(); });
  CHECK(through < kCrowd / 2);

  log.orders().exec("INSERT INTO orders (id, merchant) VALUES (503, 2)");
  CHECK(live.expect("insert").at("key").at("id") == "503");
  CHECK(other.expect("insert").at("key").at("id") == "503");
  for (auto& client : crowd) client.wait();
}

}  // namespace ordercast
