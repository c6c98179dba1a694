// docs/security.md row 19, for the routes that the program has: whatever the database below them
// throws, the process lives and the client learns nothing of it.
#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <memory>
#include <new>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/cursor.h"
#include "http/board_handler.h"
#include "http/catalog_handler.h"
#include "http/explain_handler.h"
#include "http/message_handler.h"
#include "http/order_desk_handler.h"
#include "http/status_handler.h"
#include "http/stream_handler.h"
#include "support/fake_desk.h"
#include "support/http_client.h"
#include "support/hub_fixture.h"

namespace ordercast::testing {
namespace {

constexpr char kWhat[] = "password=hunter2\r\nSet-Cookie: owned=1";

// libpqxx's errors are std::runtime_error and std::logic_error (pqxx::failure, pqxx::usage_error),
// with the statement and the server's text in what().
const std::map<std::string, std::function<void()>>& faults() {
  static const std::map<std::string, std::function<void()>> all = {
      {"runtime_error", [] { throw std::runtime_error(kWhat); }},
      {"logic_error", [] { throw std::logic_error(kWhat); }},
      {"bad_alloc", [] { throw std::bad_alloc(); }},
      {"unavailable", [] { throw HistoryUnavailable(kWhat); }},
      {"lost", [] { throw HistoryLost("retention"); }},
      {"json 316", [] { static_cast<void>(nlohmann::json("\xff" + std::string(kWhat)).dump()); }},
      {"json parse", [] { throw nlohmann::json::parse("[hunter2"); }},
      {"int", [] { throw 42; }}};
  return all;
}

struct ThrowingLog : HistoryReader {
  std::function<void()> fault;

  Batch read_after(const Epoch&, const Position&) override { return fault(), Batch{}; }
  Batch read_earliest(const Epoch&) override { return fault(), Batch{}; }
  Position read_head(const Epoch&) override { return fault(), Position{}; }
  std::optional<Change> find_change(const Epoch&, std::int64_t) override {
    return fault(), std::nullopt;
  }
  Position read_rows(const Epoch&, const RowQuery&,
                     const std::function<bool(std::vector<SnapshotRow>)>&) override {
    return fault(), Position{};
  }
};

// All routes of the program, over a database that throws.
class FaultySite {
 public:
  explicit FaultySite(const std::function<void()>& fault) {
    log_.fault = fault;
    desk_.fault = fault;
    auto catalog = std::make_shared<Catalog>();
    (*catalog)["orders"] = {.name = "orders",
                            .table = "public.orders",
                            .key = {"id"},
                            .columns = {{"id", "bigint", "bigint"}},
                            .tenant = {}};
    hub_.set_catalog(catalog);
    hub_.set_database_up(true);
    // Positions below are of the log, not of the backlog: they must be read.
    hub_.start(kEpoch, {{900, 900, {}}, std::nullopt}, "epoch");
    http::add_board_routes(server_);
    http::add_status_routes(server_, hub_, [] { return std::nullopt; });
    http::add_stream_routes(server_, hub_, {});
    http::add_catalog_routes(server_, hub_, desk_);
    http::add_explain_routes(server_, hub_, log_);
    http::add_message_routes(server_, hub_, desk_);
    http::add_order_desk_routes(server_, hub_, log_, desk_);
    server_.start("127.0.0.1", 0);
  }
  ~FaultySite() {
    hub_.close();
    server_.stop();
  }

  // All that comes back, to the end of the connection.
  std::string ask(const std::string& method, const std::string& target, const std::string& body) {
    RawConnection client(server_.port());
    client.send(method + " " + target +
                " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" +
                "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    return client.read_to_end();
  }
  [[nodiscard]] std::uint16_t port() const { return server_.port(); }

 private:
  ThrowingLog log_;
  FakeDesk desk_;
  hub::Hub hub_{log_, {}};
  http::Server server_;
};

struct Question {
  const char* method;
  std::string target;
  std::string body = {};
};

std::vector<Question> questions() {
  const auto old = Cursor{kEpoch, {{5, 5, {}}, std::nullopt}}.encode();
  const std::string stream = "/v1/streams/orders";
  return {{"GET", stream + "?last_event_id=earliest&until=now"},
          {"GET", stream + "?last_event_id=" + old + "&until=now"},
          {"GET", stream + "?snapshot=true&until=now"},
          {"GET", stream + "?snapshot=true&id=gt.1&until=now"},
          {"GET", stream + "/explain?seq=1"},
          {"GET", "/v1/streams"},
          {"GET", "/v1/orders"},
          {"GET", "/v1/orders/1"},
          {"POST", "/v1/orders", R"({"id":"1"})"},
          {"PATCH", "/v1/orders/1", R"({"id":"1"})"},
          {"POST", stream + "/messages", R"({"event":"e","data":1})"}};
}

}  // namespace

TEST_CASE("whatever is thrown below any route, its client is told nothing of it and others live") {
  for (const auto& [name, fault] : faults()) {
    FaultySite site(fault);
    for (const auto& question : questions()) {
      INFO(name << " below " << question.method << " " << question.target);
      const auto answer = site.ask(question.method, question.target, question.body);
      CHECK(answer.starts_with("HTTP/1.1 "));
      CHECK(answer.find("hunter2") == std::string::npos);
      CHECK(answer.find("Set-Cookie") == std::string::npos);
      CHECK(answer.find("EXCEPTION_WHAT") == std::string::npos);
      CHECK(answer.find("std::") == std::string::npos);
    }
    CHECK(fetch(site.port(), "GET", "/livez").status == 200);
    CHECK(fetch(site.port(), "GET", "/").status == 200);
  }
}

}  // namespace ordercast::testing
