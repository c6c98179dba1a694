// docs/security.md row 31, whole: a tenant whose clients all resume at once, each from another
// place, so that no page serves two of them, waits for itself. Others are not held up.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "base/thread.h"
#include "support/event_client.h"
#include "support/eventually.h"
#include "support/http_client.h"
#include "support/metrics_page.h"
#include "support/node.h"
#include "support/orders_table.h"
#include "support/temp_dir.h"
#include "support/test_keys.h"

namespace ordercast {
namespace {

using namespace testing;
using Clock = std::chrono::steady_clock;

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
  // No heartbeat: what comes last is a change.
  [[nodiscard]] std::vector<std::string> options() const {
    return {"--jwt-key", secret(), "--heartbeat-ms", "60000"};
  }
  // One for each of the crowd, and one more.
  [[nodiscard]] const std::vector<std::string>& places() const { return places_; }
  OrdersTable& orders() { return orders_; }

 private:
  TempDir dir_;
  OrdersTable orders_;
  std::vector<std::string> places_;
};

// When the last bytes came to a socket, by the kernel: a test that reads them late, because the
// machine is busy, does not count for the server.
Clock::time_point last_arrival(int fd) {
  constexpr std::chrono::milliseconds kAtOnce{2};
  for (;;) {
    const auto now = Clock::now();
    tcp_info info{};
    socklen_t size = sizeof info;
    REQUIRE(::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0);
    if (Clock::now() - now < kAtOnce) {
      return now - std::chrono::milliseconds(info.tcpi_last_data_recv);
    }
  }
}

// One of the crowd: asks, and does not wait for an answer, so that all are there at once.
class Replaying {
 public:
  Replaying(std::uint16_t port, const std::string& place) : connection_(port) {
    const auto bearer = bearer_of("1");
    connection_.send("GET /v1/streams/orders HTTP/1.1\r\nHost: x\r\nLast-Event-ID: " + place +
                     "\r\n" + bearer.name + ": " + bearer.value + "\r\n\r\n");
  }

  // When it was sent what it came for.
  [[nodiscard]] Clock::time_point through() {
    static_cast<void>(connection_.read_until("event: insert"));
    return last_arrival(connection_.fd());
  }

 private:
  RawConnection connection_;
};

}  // namespace

TEST_CASE("While a whole tenant replays, another's client is through before most of its clients") {
  LongLog log;
  ServedNode node(log.orders().database(), log.options());
  EventClient live(node.port(), {.headers = {bearer_of(kOther)}});
  // Nobody reads before all have come.
  const auto session = log.orders().session();
  std::optional<pqxx::work> lock(*session);
  lock->exec("LOCK TABLE ordercast.change_log IN ACCESS EXCLUSIVE MODE");
  std::vector<Replaying> crowd;
  for (int i = 0; i < kCrowd; ++i) crowd.emplace_back(node.port(), log.places()[i]);
  REQUIRE(eventually([&] {
    // One of them reads.
    return MetricsPage(node.get("/metrics").body).value("ordercast_history_waiting") == kCrowd - 1;
  }));
  EventClient other(node.port(), {.cursor = log.places()[kCrowd], .headers = {bearer_of(kOther)}});
  lock.reset();

  CHECK(other.expect("insert").at("key").at("id") == "502");
  const auto others_turn = last_arrival(other.fd());
  const auto before = std::count_if(crowd.begin(), crowd.end(), [&](Replaying& client) {
    return client.through() < others_turn;
  });
  CHECK(before < kCrowd / 2);

  log.orders().exec("INSERT INTO orders (id, merchant) VALUES (503, 2)");
  CHECK(live.expect("insert").at("key").at("id") == "503");
  CHECK(other.expect("insert").at("key").at("id") == "503");
}

}  // namespace ordercast
