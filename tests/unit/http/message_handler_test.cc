#include "http/message_handler.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "http/access.h"
#include "support/fake_desk.h"
#include "support/http_client.h"
#include "support/hub_fixture.h"

namespace ordercast::testing {
namespace {

using nlohmann::json;

struct Site {
  explicit Site(bool open = true) {
    add_message_routes(server, fixture.hub, desk);
    server.admit_by(std::make_shared<http::OpenAccess>(open, std::vector<std::string>()), {});
    server.start("127.0.0.1", 0);
  }
  ~Site() { server.stop(); }

  HttpResponse post(std::string_view body, const std::string& stream = "orders",
                    std::vector<http::Header> more = {}) {
    more.push_back({"Content-Type", "application/json"});
    return fetch(server.port(), "POST", "/v1/streams/" + stream + "/messages", body, more);
  }

  HubFixture fixture;
  FakeDesk desk;
  http::Server server;
};

}  // namespace

TEST_CASE("a message is published, every digit of it, and answered with its number") {
  Site site;
  site.desk.published = std::int64_t{42};
  const auto response =
      site.post(R"({"event":"no\u0074e", "data": {"n": 0.1234567890123456789, "b":[1,{}]} })");
  CHECK(response.status == 201);
  CHECK(json::parse(response.body) == json{{"seq", 42}});
  CHECK(site.desk.stream == "orders");
  CHECK(site.desk.event == "note");
  CHECK(site.desk.text == R"({"n": 0.1234567890123456789, "b":[1,{}]})");
}

TEST_CASE("a message is an event and its data, and nothing else") {
  Site site;
  for (const auto* body :
       {"{}", R"({"event":"note"})", R"({"data":1})", R"({"event":1,"data":1})",
        R"({"event":null,"data":1})", R"({"event":"note","data":1,"more":1})",
        R"({"event":"note","event":"note"})", R"({"event":"no\u0000te","data":1})"}) {
    INFO(body);
    const auto response = site.post(body);
    CHECK(response.status == 422);
    CHECK(json::parse(response.body)["code"] == "bad_message");
  }
  CHECK(site.post("[]").status == 400);
  CHECK(site.post("{}", "nope").status == 404);
  CHECK(site.post("{}", "orders", {{"Sec-Fetch-Site", "cross-site"}}).status == 403);
  CHECK(fetch(site.server.port(), "POST", "/v1/streams/orders/messages", "{}").status == 415);
  CHECK(site.desk.asked == 0);
}

TEST_CASE("what the database refuses is told, and when it is away") {
  Site site;
  constexpr char kNote[] = R"({"event":"note","data":1})";
  site.desk.published = DatabaseRefusal{"42501", "permission denied", "grant it", ""};
  const auto denied = site.post(kNote);
  CHECK(denied.status == 403);
  CHECK(json::parse(denied.body)["hint"] == "grant it");
  site.desk.fault = [] { throw HistoryUnavailable("x"); };
  CHECK(site.post(kNote).status == 503);
  site.desk.fault = [] { throw OutcomeUnknown("x"); };
  CHECK(json::parse(site.post(kNote).body)["code"] == "outcome_unknown");
}

TEST_CASE("a desk that is closed publishes nothing") {
  Site site(/*open=*/false);
  const auto response = site.post(R"({"event":"note","data":1})");
  CHECK(response.status == 403);
  CHECK(json::parse(response.body)["code"] == "desk_closed");
  CHECK(site.desk.asked == 0);
}

}  // namespace ordercast::testing
