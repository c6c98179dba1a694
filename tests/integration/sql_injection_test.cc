// docs/security.md row 23: whatever a client writes where names and values of SQL come from, the
// database runs the statements that it runs for honest requests, and no others.
// pg_stat_statements says which these were, those inside functions too.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <random>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/thread.h"
#include "http/percent.h"
#include "pg/local_cluster.h"
#include "pg/schema.h"
#include "support/event_client.h"
#include "support/eventually.h"
#include "support/node.h"
#include "support/temp_dir.h"
#include "support/test_database.h"

namespace ordercast {
namespace {

using namespace testing;

constexpr int kNames = kSanitizerStackFactor > 1 ? 100 : 1'000;

// A server that keeps its statements, with a watched table `orders` and one that must stay as it
// is.
class RecordedServer {
 public:
  RecordedServer() {
    {
      pqxx::connection connection(cluster_.conninfo());
      pg::migrate(connection);
    }
    exec(
        "CREATE EXTENSION pg_stat_statements;"
        "CREATE TABLE public.canary (song text); INSERT INTO canary VALUES ('alive');"
        "CREATE TABLE public.orders (id bigint PRIMARY KEY, status text, total numeric, items "
        "jsonb); SELECT ordercast.watch('public.orders');"
        "INSERT INTO orders VALUES (1, 'paid', 9.90, '{\"a\": [1]}')");
  }
  [[nodiscard]] std::string url() const { return cluster_.conninfo(); }

  pqxx::result exec(const std::string& sql) {
    pqxx::connection connection(url() + " application_name=oracle");
    return pqxx::nontransaction(connection).exec(sql);
  }
  // All that was run, constants and numbers left out.
  std::set<std::string> statements() {
    static const std::regex number("[0-9]+");
    std::set<std::string> all;
    for (const auto& row : exec("SELECT query FROM pg_stat_statements JOIN pg_database d "
                                "ON d.oid = dbid WHERE datname = current_database()")) {
      all.insert(std::regex_replace(row[0].c_str(), number, "N"));
    }
    return all;
  }

 private:
  static pg::LocalClusterOptions options(const TempDir& dir) {
    auto settings = fast_settings();
    settings.emplace_back("shared_preload_libraries", "pg_stat_statements");
    settings.emplace_back("pg_stat_statements.track", "all");
    settings.emplace_back("pg_stat_statements.max", "10000");
    return {.data_dir = dir.path() / "pg", .settings = settings};
  }

  TempDir dir_{server_root()};
  pg::LocalCluster cluster_{options(dir_)};
};

// Everywhere that a name or a value can stand; `text` is one.
using Place = std::function<HttpResponse(const ServedNode&, const std::string& text)>;

HttpResponse get(const ServedNode& node, const std::string& target) {
  return node.get(target + (target.find('?') == target.npos ? "?" : "&") +
                  "until=now&snapshot=true");
}

HttpResponse send(const ServedNode& node, const char* method, const std::string& target,
                  const nlohmann::json& body) {
  return fetch(node.port(), method, target,
               body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
               {{"Content-Type", "application/json"}});
}

std::vector<Place> places() {
  const auto encoded = [](const std::string& text) { return http::percent_encode(text); };
  const std::string orders = "/v1/streams/orders?";
  return {
      [=](auto& node, auto& text) { return get(node, "/v1/streams/" + encoded(text)); },
      [=](auto& node, auto& text) { return get(node, orders + encoded(text) + "=eq.1"); },
      [=](auto& node, auto& text) { return get(node, orders + "status=eq." + encoded(text)); },
      [=](auto& node, auto& text) { return get(node, orders + "status=like." + encoded(text)); },
      [=](auto& node, auto& text) {
        return get(node, orders + "status=in.(" + encoded('"' + text + '"') + ")");
      },
      [=](auto& node, auto& text) { return get(node, orders + "id=" + encoded(text)); },
      [=](auto& node, auto& text) { return get(node, orders + "total=eq." + encoded(text)); },
      [=](auto& node, auto& text) {
        return get(node, orders + encoded("items->>\"" + text + '"') + "=eq.1");
      },
      [=](auto& node, auto& text) { return get(node, orders + "order=" + encoded(text)); },
      [=](auto& node, auto& text) {
        return get(node, orders + "order=" + encoded('"' + text + '"') + ".desc");
      },
      [=](auto& node, auto& text) { return get(node, orders + "limit=" + encoded(text)); },
      [=](auto& node, auto& text) { return get(node, orders + "select=" + encoded(text)); },
      [=](auto& node, auto& text) {
        return get(node, orders + "select=" + encoded("\"x" + text + "\":id"));
      },
      [=](auto& node, auto& text) { return get(node, orders + "last_event_id=" + encoded(text)); },
      [=](auto& node, auto& text) { return node.get("/v1/orders/" + encoded(text)); },
      [](auto& node, auto& text) {
        return send(node, "POST", "/v1/orders", {{text, "1"}});
      },
      [](auto& node, auto& text) {
        return send(node, "PATCH", "/v1/orders/1", {{"status", text}});
      },
      [](auto& node, auto& text) {
        return send(node, "POST", "/v1/streams/orders/messages", {{"event", text}, {"data", 1}});
      },
      [](auto& node, auto& text) {
        return send(node, "POST", "/v1/streams/orders/messages", {{"event", "e"}, {"data", text}});
      },
      [=](auto& node, auto& text) {
        return send(node, "POST", "/v1/streams/" + encoded(text) + "/messages",
                    {{"event", "e"}, {"data", 1}});
      }};
}

// Names as attackers make them: out of the string, the identifier, the dollar quote, the format,
// the statement; mixed at random.
class Names {
 public:
  std::string next() {
    static const std::vector<std::string> pieces = {"'",
                                                    "\"",
                                                    "''",
                                                    "\\'",
                                                    "\\",
                                                    ";",
                                                    "--",
                                                    "/*",
                                                    "*/",
                                                    "$$",
                                                    "$1",
                                                    "$body$",
                                                    "%s",
                                                    "%I",
                                                    "%L",
                                                    "||",
                                                    "::text",
                                                    ")",
                                                    "(",
                                                    ",",
                                                    "\n",
                                                    "\xc2\xa0",
                                                    "\xef\xbc\x87",
                                                    " OR 1=1",
                                                    " UNION SELECT song FROM canary",
                                                    "DROP TABLE canary",
                                                    "DELETE FROM canary",
                                                    "pg_sleep(30)",
                                                    "COPY canary TO PROGRAM 'true'",
                                                    "E'\\x27'",
                                                    "U&'\\0027'",
                                                    "public.canary",
                                                    "canary",
                                                    "id",
                                                    "status",
                                                    "null",
                                                    "ctid",
                                                    "xmin",
                                                    "tableoid",
                                                    "1"};
    std::string name;
    for (auto count = 1 + random_() % 4; count > 0; --count) {
      name += pieces[random_() % pieces.size()];
    }
    return name;
  }

 private:
  std::mt19937_64 random_{20261125};
};

}  // namespace

TEST_CASE("A thousand hostile names make the database run nothing but what it always runs") {
  RecordedServer server;
  ServedNode node({"serve", "--database", server.url(), "--desk"});
  node.wait_until_ready();
  const auto all_places = places();
  // What honest requests make it run, at each place, with names that there are.
  for (int i = 0; i < 2; ++i) {
    for (const auto& place : all_places) {
      for (const auto* text :
           {"id", "1", "eq.1", "is.null", "items", "paid", "nothing", "orders"}) {
        place(node, text);
      }
    }
    server.exec("UPDATE orders SET status = 'paid', total = 9.90");
  }
  // And what a node runs where one change follows another.
  CHECK(eventually([&] {
    for (int i = 0; i < 10; ++i) server.exec("UPDATE orders SET status = 'paid', total = 9.90");
    const auto statements = server.statements();
    return std::any_of(statements.begin(), statements.end(), [](const auto& statement) {
      return statement.find("ordercast.disarm") != statement.npos;
    });
  }));
  static_cast<void>(server.statements());  // what it runs itself
  const auto honest = server.statements();
  CHECK(honest.size() > 20);

  Names names;
  for (int i = 0; i < kNames; ++i) {
    const auto name = names.next();
    const auto at = static_cast<std::size_t>(i) % all_places.size();
    INFO("place " << at << ": " << name);
    const auto response = all_places[at](node, name);
    CHECK(response.status != 500);
    CHECK(response.complete);
    CHECK(response.body.find("alive") == std::string::npos);
  }

  for (const auto& statement : server.statements()) {
    INFO(statement);
    CHECK(honest.contains(statement));
  }
  CHECK(server.exec("SELECT song FROM canary").size() == 1);
  CHECK_THAT(node.process().stderr_text(),
             !Catch::Contains("syntax error") && !Catch::Contains("unterminated"));
}

TEST_CASE("A table whose own names are hostile is watched, told and read like any other") {
  TestDatabase database;
  database.exec("CREATE TABLE public.canary (song text); INSERT INTO canary VALUES ('alive')");
  const std::vector<std::string> hostile = {"a'b",
                                            "a\"b",
                                            "a\\b",
                                            "a''; DROP TABLE canary; --",
                                            "a\"; DROP TABLE canary; --",
                                            "$$; DROP TABLE canary; --",
                                            "$body$",
                                            "%s%I%L",
                                            "$1",
                                            "*/",
                                            "a\nb",
                                            "{\"a\":1}",
                                            "\xe8\xae\xa2\xe5\x8d\x95",
                                            std::string(63, 'x')};
  pqxx::connection quoting(database.url());
  for (const auto& name : hostile) {
    const auto quoted = quoting.quote_name(name);
    database.exec(
        fmt::format("CREATE TABLE public.{0} ({0} int PRIMARY KEY, \"v'\" text)", quoted));
  }
  ServedNode node(database);
  int number = 0;
  for (const auto& name : hostile) {
    INFO(name);
    const auto quoted = quoting.quote_name(name);
    const auto stream = fmt::format("s{}", ++number);
    database.exec(fmt::format("SELECT ordercast.watch({}, stream => '{}')",
                              quoting.quote("public." + quoted), stream));
    REQUIRE(eventually(
        [&] { return node.get("/v1/streams/none").body.find(stream) != std::string::npos; }));
    database.exec(fmt::format("INSERT INTO public.{} VALUES (1, 'a')", quoted));
    database.exec(fmt::format("UPDATE public.{0} SET \"v'\" = 'b'", quoted));
    // In the syntax of filters a backslash stands before " and \ in double quotes.
    std::string column = "\"";
    for (const char c : name) {
      if (c == '"' || c == '\\') column += '\\';
      column += c;
    }
    column += '"';
    EventClient client(node.port(),
                       {.stream = stream,
                        .query = fmt::format("snapshot=true&and={}",
                                             http::percent_encode("(" + column + ".eq.1)"))});
    const auto row = client.expect("insert").at("row");
    CHECK(row.at(name) == 1);
    CHECK(row.at("v'") == "b");
    client.expect("ready");
    database.exec(fmt::format("DELETE FROM public.{}", quoted));
    CHECK(client.expect("delete").at("key").at(name) == 1);
  }
  CHECK(database.scalar("SELECT song FROM canary") == "alive");
}

TEST_CASE("What a command takes for a name is a name") {
  TestDatabase database;
  database.exec(
      "CREATE TABLE public.canary (song text PRIMARY KEY); INSERT INTO canary VALUES ('a')");
  for (const auto* name : {"canary'; DROP TABLE canary; --", "canary\"; DROP TABLE canary; --",
                           "canary;DROP TABLE canary", "(SELECT 1)",
                           "public.canary'::regclass); DROP TABLE canary; --", "$$", "\\"}) {
    INFO(name);
    for (const std::vector<std::string>& command :
         std::vector<std::vector<std::string>>{{"watch", name},
                                               {"watch", "canary", "--columns", name},
                                               {"unwatch", name},
                                               {"retention", "--age", name},
                                               {"retention", "--size", name}}) {
      auto arguments = command;
      arguments.insert(arguments.begin() + 1, {"--database", database.url()});
      CHECK(run_ordercast(arguments).code != 0);
    }
  }
  CHECK(database.scalar("SELECT song FROM canary") == "a");
}

}  // namespace ordercast
