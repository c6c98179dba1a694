// No merchant ever sees another's rows: 50 tenants of one table, writers that also move rows from
// one to another, and everything that a client can ask for. Each value of a row names its owner, so
// that one that went astray is known wherever it turns up. What is right is said by PostgreSQL.
#include <poll.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <charconv>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/descriptor_limit.h"
#include "base/thread.h"
#include "support/event_client.h"
#include "support/granted_node.h"
#include "support/orders_table.h"
#include "support/random_writers.h"

namespace ordercast {
namespace {

using namespace testing;

constexpr int kTenants = 50;
constexpr bool kSanitized = kSanitizerStackFactor != 1;
// Watchers of each tenant, and rounds of writes, of about 400 events each, that every watcher of
// the tenants concerned is told: some 10^6 in all.
constexpr int kWatchers = kSanitized ? 2 : 10;
constexpr int kRounds = kSanitized ? 20 : 330;
constexpr int kOrders = 1'000;

std::string name_of(int tenant) {
  return "t" + std::to_string(tenant);
}

std::vector<http::Header> as(int tenant) {
  return {{"Authorization", name_of(tenant)}};
}

std::map<std::string, Grant> grants() {
  std::map<std::string, Grant> grants;
  for (int i = 1; i <= kTenants; ++i) {
    grants[name_of(i)] = Grant{.subject = name_of(i), .tenant = std::to_string(i), .write = true};
  }
  return grants;
}

// How many values in `text` name another owner than `tenant`; and how many name one at all.
struct Owners {
  int foreign = 0;
  int named = 0;
};
Owners owners_in(std::string_view text, int tenant) {
  Owners owners;
  for (const std::string_view mark : {"\"merchant\":", "owner-"}) {
    for (auto at = text.find(mark); at != text.npos; at = text.find(mark, at + 1)) {
      int owner = 0;
      const auto* number = text.data() + at + mark.size();
      if (*number == '[') ++number;  // of "changed"
      std::from_chars(number, text.data() + text.size(), owner);
      ++owners.named;
      if (owner != tenant) ++owners.foreign;
    }
  }
  return owners;
}

// A connection that is read as fast as it comes, and only looked through.
class Watcher {
 public:
  Watcher(std::uint16_t port, int tenant) : tenant_(tenant), connection_(port) {
    connection_.send("GET /v1/streams/orders HTTP/1.1\r\nHost: x\r\nAuthorization: " +
                     name_of(tenant) + "\r\n\r\n");
    tail_ = connection_.read_until("event: hello");
  }
  void read() {
    tail_ += connection_.read_some();
    // Frames end with an empty line; a torn one waits.
    const auto end = tail_.rfind("\n\n");
    if (end == tail_.npos) return;
    const auto whole = std::string_view(tail_).substr(0, end);
    foreign_ += owners_in(whole, tenant_).foreign;
    for (auto at = whole.find("\ndata: "); at != whole.npos; at = whole.find("\ndata: ", at + 1)) {
      ++events_;
    }
    finished_ = finished_ || whole.find("event: finish") != whole.npos;
    tail_.erase(0, end);
  }
  [[nodiscard]] int fd() const { return connection_.fd(); }
  [[nodiscard]] bool finished() const { return finished_; }
  [[nodiscard]] std::int64_t events() const { return events_; }
  [[nodiscard]] int foreign() const { return foreign_; }

 private:
  const int tenant_;
  RawConnection connection_;
  std::string tail_;
  bool finished_ = false;
  std::int64_t events_ = 0;
  int foreign_ = 0;
};

class Shop {
 public:
  Shop() {
    orders_.exec("SELECT ordercast.watch('orders', tenant => 'merchant')");
    orders_.exec(
        "INSERT INTO orders (id, merchant, status, total, note)"
        "  SELECT i, 1 + i % 50, 'created', i, 'owner-' || 1 + i % 50 || ' '"
        "    FROM generate_series(1, " +
        std::to_string(kOrders) + ") i");
  }
  // One transaction: rows change, move to other merchants, go and come, and messages are sent.
  void trade(pqxx::connection& session, std::mt19937_64& random, int round) {
    const auto some = [&](int of) { return std::to_string(random() % static_cast<unsigned>(of)); };
    pqxx::work work(session);
    work.exec("UPDATE orders SET status = 'paid " + std::to_string(round) +
              "' WHERE id % 10 = " + some(10));
    work.exec(
        "UPDATE orders SET merchant = m, note = 'owner-' || m || ' ' FROM (SELECT id AS moved,"
        " 1 + (merchant + " +
        some(49) + ") % 50 AS m FROM orders WHERE id % 10 = " + some(10) + ") a WHERE id = moved");
    work.exec("DELETE FROM orders WHERE id % 50 = " + some(50));
    work.exec(
        "INSERT INTO orders (id, merchant, status, total, note)"
        "  SELECT i, m, 'new', i, 'owner-' || m || ' ' FROM (SELECT i, 1 + (i * 7 + " +
        some(50) + ") % 50 AS m FROM generate_series(1, " + std::to_string(kOrders) +
        ") i) a"
        " WHERE NOT EXISTS (SELECT FROM orders WHERE id = i)");
    const auto to = std::to_string(1 + random() % kTenants);
    work.exec("SELECT ordercast.publish('orders', 'note', '{\"for\": \"owner-" + to +
              " \"}', tenant => '" + to + "')");
    if (round % 10 == 0) work.exec("SELECT ordercast.publish('orders', 'news', '{}')");
    work.commit();
  }
  OrdersTable& orders() { return orders_; }

 private:
  OrdersTable orders_;
};

EventClientOptions tenant_client(int tenant, const std::string& query = {}) {
  return {.query = query, .filtered = true, .keeps_shown = true, .headers = as(tenant)};
}

void check_reads(OrdersTable& orders, const GrantedNode& node, int tenant) {
  INFO("tenant " << tenant);
  const auto own = std::to_string(tenant);
  // The order desk.
  const auto list = fetch(node.port(), "GET", "/v1/orders?limit=1000", {}, as(tenant));
  CHECK(list.status == 200);
  CHECK(owners_in(list.body, tenant).foreign == 0);
  CHECK(std::to_string(nlohmann::json::parse(list.body).at("rows").size()) ==
        orders.database().scalar("SELECT count(*) FROM orders WHERE merchant = " + own));
  const auto foreign =
      orders.database().scalar("SELECT min(id) FROM orders WHERE merchant <> " + own);
  CHECK(fetch(node.port(), "GET", "/v1/orders/" + foreign, {}, as(tenant)).status == 404);
  // Replay, as it comes and as lines.
  for (const auto* accept : {"text/event-stream", "application/x-ndjson"}) {
    auto headers = as(tenant);
    headers.push_back({"Accept", accept});
    const auto all = fetch(node.port(), "GET",
                           "/v1/streams/orders?last_event_id=earliest&until=now", {}, headers);
    const auto owners = owners_in(all.body, tenant);
    CHECK(owners.named > 0);
    CHECK(owners.foreign == 0);
    CHECK(all.complete);
  }
  // A filter that asks for another's rows.
  const auto asked =
      fetch(node.port(), "GET",
            "/v1/streams/orders?snapshot=true&until=now&or=(merchant.eq.1,merchant.neq.1)", {},
            as(tenant));
  CHECK(asked.status == 200);
  CHECK(owners_in(asked.body, tenant).foreign == 0);
}

void check_explain(OrdersTable& orders, const GrantedNode& node, std::mt19937_64& random) {
  for (const auto& change :
       orders.exec("SELECT seq, op, coalesce(old_tenant, '') AS was, coalesce(new_tenant, '') AS is"
                   "  FROM ordercast.change_log WHERE op <> 'c' ORDER BY random() LIMIT 40")) {
    const bool of_all =
        change["op"].as<std::string>() == "m" && change["is"].as<std::string>().empty();
    const auto any = std::to_string(1 + random() % kTenants);
    for (const auto& tenant :
         {any, change["was"].as<std::string>(), change["is"].as<std::string>()}) {
      if (tenant.empty()) continue;
      const bool concerned = of_all || tenant == change["was"].as<std::string>() ||
                             tenant == change["is"].as<std::string>();
      const auto response = fetch(
          node.port(), "GET", "/v1/streams/orders/explain?seq=" + change["seq"].as<std::string>(),
          {}, as(std::stoi(tenant)));
      CHECK(response.status == (concerned ? 200 : 404));
    }
  }
}

TEST_CASE("Of 50 tenants none ever sees a row of another, however it asks") {
  raise_descriptor_limit();
  const auto seed = test_seed();
  INFO("ORDERCAST_TEST_SEED=" << seed);
  std::mt19937_64 random(seed);
  Shop shop;
  const GrantedNode one(shop.orders().database().url(), grants());
  const GrantedNode two(shop.orders().database().url(), grants());

  std::vector<Watcher> watchers;
  watchers.reserve(static_cast<std::size_t>(kTenants) * kWatchers);
  for (int i = 0; i < kTenants * kWatchers; ++i) {
    watchers.emplace_back(i % 2 == 0 ? one.port() : two.port(), 1 + i % kTenants);
  }
  std::vector<std::unique_ptr<EventClient>> folders;
  for (int tenant = 1; tenant <= kTenants; ++tenant) {
    folders.push_back(std::make_unique<EventClient>(tenant % 2 == 0 ? one.port() : two.port(),
                                                    tenant_client(tenant, "snapshot=true")));
  }

  std::thread writer([&, seed = random()] {
    std::mt19937_64 choice(seed);
    const auto session = shop.orders().session();
    for (int round = 0; round < kRounds; ++round) shop.trade(*session, choice, round);
    pqxx::nontransaction(*session).exec("SELECT ordercast.publish('orders', 'finish', '{}')");
  });
  const auto any_port = [&] { return random() % 2 == 0 ? one.port() : two.port(); };
  int foreign_cursors = 0;
  std::size_t next_folder = 0;
  // Another tenant's place in the log is a place like any.
  const auto use_anothers_cursor = [&] {
    const auto& cursor = folders[random() % folders.size()]->cursor();
    if (cursor.empty()) return;
    const auto tenant = static_cast<int>(1 + random() % kTenants);
    auto headers = as(tenant);
    headers.push_back({"Last-Event-ID", cursor});
    const auto rest = fetch(any_port(), "GET", "/v1/streams/orders?until=now", {}, headers);
    CHECK(rest.status == 200);
    CHECK(owners_in(rest.body, tenant).foreign == 0);
    ++foreign_cursors;
  };
  const auto all_finished = [&] {
    return std::all_of(watchers.begin(), watchers.end(),
                       [](const Watcher& each) { return each.finished(); });
  };
  while (!all_finished()) {
    std::vector<pollfd> waiting;
    for (const auto& each : watchers) waiting.push_back({each.fd(), POLLIN, 0});
    constexpr int kLookMs = 20'000;
    REQUIRE(::poll(waiting.data(), waiting.size(), kLookMs) > 0);
    for (std::size_t i = 0; i < watchers.size(); ++i) {
      if (waiting[i].revents != 0) watchers[i].read();
    }
    // None waits so long that its server takes it for dead.
    for (int i = 0; i < 2; ++i) folders[next_folder++ % folders.size()]->take_all();
    if (auto& folder = folders[random() % folders.size()]; random() % 20 == 0) {
      folder->drop();
      folder->resume(any_port());
    }
    if (random() % 10 == 0) use_anothers_cursor();
  }
  writer.join();
  for (int i = 0; i < 20; ++i) use_anothers_cursor();

  std::int64_t events = 0;
  int foreign = 0;
  for (const auto& each : watchers) {
    events += each.events();
    foreign += each.foreign();
  }
  CHECK(foreign == 0);
  CHECK(foreign_cursors > 0);
  if (!kSanitized) CHECK(events >= 1'000'000);
  for (int tenant = 1; tenant <= kTenants; ++tenant) {
    INFO("tenant " << tenant);
    const auto& folder = folders[static_cast<std::size_t>(tenant) - 1];
    folder->drop();
    const int rows_before = folder->count("ready");
    folder->resume(any_port());
    // Who is so late that its rows come only now, has no need of the mark above, and does not get
    // it: so there is another.
    if (folder->hello().at("snapshot").get<bool>()) {
      folder->take_until([&] { return folder->count("ready") > rows_before; });
    }
    const int marks_before = folder->count("finish");
    shop.orders().exec("SELECT ordercast.publish('orders', 'finish', '{}')");
    folder->take_until([&] { return folder->count("finish") > marks_before; });
    const auto where = "merchant = " + std::to_string(tenant);
    CHECK(folder->rows() == shop.orders().rows(where));
    CHECK(folder->faults() == std::vector<std::string>{});
    CHECK(std::none_of(folder->shown().begin(), folder->shown().end(),
                       [&](const auto& row) { return owners_in(row, tenant).foreign > 0; }));
  }
  for (const int tenant : {1, 17, kTenants}) check_reads(shop.orders(), one, tenant);
  check_explain(shop.orders(), two, random);
  CHECK(one.withheld() == 0);
  CHECK(two.withheld() == 0);
}

}  // namespace
}  // namespace ordercast
