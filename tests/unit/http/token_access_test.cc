// Who is let in, over the wire: tokens, sessions, tickets, pages of other sites.
#include "http/token_access.h"

#include <fmt/format.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "auth/session_id.h"
#include "http/server.h"
#include "http/session_cookie.h"
#include "http/session_handler.h"
#include "support/http_client.h"
#include "support/temp_dir.h"
#include "support/test_keys.h"

namespace ordercast::http {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using Catch::Contains;
using nlohmann::json;

constexpr char kStream[] = "/v1/streams/orders";

std::filesystem::path secret_file(const TempDir& dir) {
  write_private(dir.path() / "secret", hmac_secret().material);
  return dir.path() / "secret";
}

// A server whose handlers count who gets to them and say what they were granted.
class GuardedSite {
 public:
  explicit GuardedSite(TokenAccessOptions options = {.desk = true}, Cors cors = {})
      : verifier_({.key_files = {secret_file(dir_)}}),
        access_(std::make_shared<TokenAccess>(
            verifier_, tickets_, [this](const Grant& grant) { return grant.token_id == revoked; },
            std::move(options))) {
    server_.admit_by(access_, std::move(cors));
    add_session_routes(server_, *access_, tickets_,
                       [this](const std::string& session) { signed_out = session; });
    for (const auto* path : {"/v1/streams", "/v1/streams/{stream}", "/v1/streams/{stream}/explain",
                             "/v1/orders", "/v1/orders/{id}", "/livez"}) {
      server_.route("GET", path, [this](const Request& request) { return serve(request); });
    }
    for (const auto* path : {"/v1/streams/{stream}/messages", "/v1/orders"}) {
      server_.route("POST", path, [this](const Request& request) { return serve(request); });
    }
    server_.route("PATCH", "/v1/orders/{id}",
                  [this](const Request& request) { return serve(request); });
    server_.start("127.0.0.1", 0);
  }

  HttpResponse ask(std::string_view method, std::string_view target,
                   const std::vector<Header>& headers = {}) {
    return fetch(server_.port(), method, target, {}, headers);
  }

  std::string revoked = "revoked";
  std::atomic<int> served = 0;
  std::string signed_out;                            // the session; read it after the answer
  std::chrono::steady_clock::time_point brought_at;  // of the last grant; as that

 private:
  Response serve(const Request& request) {
    ++served;
    brought_at = request.grant->brought_at;
    return {.body = json{{"subject", request.grant->subject},
                         {"write", request.grant->write},
                         {"params", request.params.size()}}
                        .dump()};
  }

  TempDir dir_;
  auth::TokenVerifier verifier_;
  Tickets tickets_;
  std::shared_ptr<TokenAccess> access_;
  Server server_;
};

std::string token(const json& ours = json::object(), const json& more = json::object()) {
  auto claims = good_claims();
  if (!ours.is_null()) claims["ordercast"].update(ours);
  claims.update(more);
  return token_of(hmac_secret(), claims);
}

Header bearer(const std::string& token) {
  return {"Authorization", "Bearer " + token};
}

Header cookie(const std::string& token, const char* name = kSecureCookie) {
  return {"Cookie", fmt::format("{}={}", name, token)};
}

TEST_CASE("Without a token nothing below /v1/ is served, and the handler not asked",
          "[token_access]") {
  GuardedSite site;
  const std::pair<const char*, const char*> routes[] = {{"GET", "/v1/streams"},
                                                        {"GET", kStream},
                                                        {"GET", "/v1/streams/orders/explain?seq=1"},
                                                        {"GET", "/v1/orders"},
                                                        {"GET", "/v1/orders/1"},
                                                        {"POST", "/v1/streams/orders/messages"},
                                                        {"POST", "/v1/orders"},
                                                        {"PATCH", "/v1/orders/1"},
                                                        {"POST", "/v1/tickets"},
                                                        {"POST", "/v1/session"}};
  for (const auto& [method, path] : routes) {
    INFO(method << " " << path);
    const auto response = site.ask(method, path);
    CHECK(response.status == 401);
    CHECK(response.header("Content-Type") == "application/problem+json");
    CHECK(response.header("WWW-Authenticate") == R"(Bearer realm="ordercast")");
    CHECK(site.ask(method, path, {bearer("nonsense")}).status == 401);
  }
  CHECK(site.served == 0);
  CHECK(site.ask("GET", "/livez").status == 200);
  CHECK(site.ask("OPTIONS", kStream).status == 204);
  CHECK(site.ask("GET", kStream, {bearer(token({}, {{"sub", "me"}}))}).body ==
        R"({"params":0,"subject":"me","write":false})");
}

TEST_CASE("A refused token is told why, in RFC 6750's words, and nothing of it is repeated",
          "[token_access]") {
  GuardedSite site;
  const auto expired = token({}, {{"exp", seconds_from_now(std::chrono::seconds(-60))}});
  const auto response = site.ask("GET", kStream, {bearer(expired)});
  CHECK(response.status == 401);
  CHECK_THAT(std::string(*response.header("WWW-Authenticate")),
             Contains("error=\"invalid_token\"") && Contains("it has expired"));
  CHECK_THAT(response.body, Contains("expired") && !Contains(expired.substr(0, 20)));
  CHECK(site.ask("GET", kStream, {{"Authorization", "Basic Zm9vOmJhcg=="}}).status == 401);
  CHECK(site.ask("GET", kStream, {{"Authorization", token()}}).status == 401);
  CHECK(site.ask("GET", kStream, {{"Authorization", "bearer " + token()}}).status == 200);
  CHECK(site.ask("GET", kStream, {bearer(token({}, {{"jti", "revoked"}}))}).status == 401);
  CHECK(site.ask("GET", kStream, {bearer(token({}, {{"jti", "good"}}))}).status == 200);
}

TEST_CASE("A token in the URL is none", "[token_access]") {
  GuardedSite site;
  for (const auto* name : {"token", "access_token", "authorization", "jwt", "ticket"}) {
    CHECK(site.ask("GET", fmt::format("{}?{}={}", kStream, name, token())).status == 401);
  }
}

TEST_CASE("A token opens the streams that it names, and writes when it says so", "[token_access]") {
  GuardedSite site;
  const auto orders = bearer(token({{"streams", {"orders"}}}));
  const auto none = bearer(token({{"streams", json::array()}}));
  const auto writer = bearer(token({{"write", true}, {"streams", {"orders"}}}));
  CHECK(site.ask("GET", kStream, {orders}).status == 200);
  CHECK(site.ask("GET", "/v1/orders", {orders}).status == 200);
  for (const auto* path : {"/v1/streams/parcels", "/v1/streams/parcels/explain?seq=1"}) {
    const auto response = site.ask("GET", path, {orders});
    CHECK(response.status == 403);
    CHECK_THAT(std::string(*response.header("WWW-Authenticate")), Contains("insufficient_scope"));
  }
  for (const auto* path : {kStream, "/v1/orders", "/v1/orders/1"}) {
    CHECK(site.ask("GET", path, {none}).status == 403);
  }
  for (const auto* path : {"/v1/orders", "/v1/streams/orders/messages"}) {
    CHECK(site.ask("POST", path, {orders}).status == 403);
    CHECK(site.ask("POST", path, {writer}).status == 200);
  }
  CHECK(site.ask("POST", "/v1/streams/parcels/messages", {writer}).status == 403);
  GuardedSite closed({.desk = false});
  CHECK(closed.ask("POST", "/v1/orders", {writer}).status == 403);
  CHECK(closed.served == 0);
}

TEST_CASE("A session is a cookie that no script and no other site gets at", "[session]") {
  GuardedSite site;
  const auto mine = token();
  const auto begun = site.ask("POST", "/v1/session", {bearer(mine)});
  CHECK(begun.status == 204);
  const std::string set(*begun.header("Set-Cookie"));
  CHECK_THAT(set, Catch::StartsWith("__Host-ordercast=" + mine + ";"));
  for (const auto* part : {"Path=/", "HttpOnly", "SameSite=Lax", "Secure", "Max-Age="}) {
    CHECK_THAT(set, Contains(part));
  }
  CHECK_THAT(set, !Contains("Domain"));
  CHECK(site.ask("GET", kStream, {cookie(mine)}).status == 200);
  CHECK(site.ask("GET", kStream, {{"Cookie", "a=b; __Host-ordercast=" + mine + "; c=d"}}).status ==
        200);

  const auto ended = site.ask("DELETE", "/v1/session", {{"Origin", "http://localhost"}});
  CHECK(ended.status == 204);
  CHECK_THAT(std::string(*ended.header("Set-Cookie")),
             Catch::StartsWith("__Host-ordercast=;") && Contains("Max-Age=0"));
  CHECK(site.ask("POST", "/v1/session", {cookie(mine)}).status == 401);  // it is no bearer
}

TEST_CASE("The cookie never outlasts its token", "[session]") {
  GuardedSite site;
  const auto expires = seconds_from_now(90s);
  const auto mine = token({}, {{"exp", expires}});
  for (int i = 0; i < 5; ++i) {
    const std::chrono::duration<double> left =
        std::chrono::system_clock::time_point(std::chrono::seconds(expires)) -
        std::chrono::system_clock::now();
    const std::string set(*site.ask("POST", "/v1/session", {bearer(mine)}).header("Set-Cookie"));
    const std::string name = "Max-Age=";
    const auto lasts = std::stoi(set.substr(set.find(name) + name.size()));
    CHECK(lasts <= left.count());
    CHECK(lasts > left.count() - 60);
  }
  // The skew alone lets it in.
  const auto late = token({}, {{"exp", seconds_from_now(-10s)}});
  CHECK(site.ask("GET", kStream, {bearer(late)}).status == 200);
  const auto refused = site.ask("POST", "/v1/session", {bearer(late)});
  CHECK(refused.status == 401);
  CHECK_FALSE(refused.header("Set-Cookie"));
}

TEST_CASE("A session ends with its streams and its tickets", "[session]") {
  GuardedSite site;
  const auto mine = token({}, {{"sub", "me"}});
  const Header own{"Origin", "http://localhost"};
  const auto ticket = [&](const std::vector<Header>& headers) {
    return json::parse(site.ask("POST", "/v1/tickets", headers).body)
        .at("ticket")
        .get<std::string>();
  };
  const auto opens = [&](const std::string& issued) {
    return site.ask("GET", fmt::format("{}?ticket={}", kStream, issued)).status == 200;
  };
  const auto of_session = ticket({cookie(mine), own});
  const auto of_bearer = ticket({bearer(mine)});
  const auto of_other = ticket({cookie(token({}, {{"sub", "you"}})), own});
  CHECK(site.ask("DELETE", "/v1/session", {cookie(mine)}).status == 403);
  CHECK(site.signed_out.empty());
  CHECK(site.ask("DELETE", "/v1/session", {cookie(mine), own}).status == 204);
  CHECK(site.signed_out == auth::session_id(mine));
  CHECK_FALSE(opens(of_session));
  CHECK(opens(of_bearer));
  CHECK(opens(of_other));
}

TEST_CASE("A session is brought by each request anew", "[session]") {
  GuardedSite site;
  const auto session = cookie(token());
  for (int i = 0; i < 2; ++i) {
    const auto before = std::chrono::steady_clock::now();
    CHECK(site.ask("GET", kStream, {session}).status == 200);
    CHECK(site.brought_at >= before);
    CHECK(site.brought_at <= std::chrono::steady_clock::now());
  }
}

TEST_CASE("What is no session is none", "[session]") {
  GuardedSite site;
  CHECK(site.ask("GET", kStream, {cookie("nonsense")}).status == 401);
  CHECK(site.ask("GET", kStream, {cookie("")}).status == 401);
  // A neighbour's host can set a cookie without the prefix, and two of one name are one too many.
  CHECK(site.ask("GET", kStream, {cookie(token(), kPlainCookie)}).status == 401);
  CHECK(site.ask("GET", kStream,
                 {{"Cookie", "__Host-ordercast=" + token() +
                                 "; __Host-ordercast=" + token({{"tenant", "8"}})}})
            .status == 401);
  CHECK(site.ask("GET", kStream, {cookie(token({}, {{"jti", "revoked"}}))}).status == 401);
  CHECK(site.ask("POST", "/v1/session", {bearer(token({}, {{"x", std::string(3200, 'x')}}))})
            .status == 422);
  GuardedSite without({.sessions = false});
  CHECK(without.ask("GET", kStream, {cookie(token())}).status == 401);
  CHECK(without.ask("POST", "/v1/session", {bearer(token())}).status == 403);
}

TEST_CASE("Only on this machine, and without TLS, a cookie is not Secure", "[session]") {
  GuardedSite site({.plain = true});
  const auto begin = [&](const std::vector<Header>& more) {
    std::vector<Header> headers = {bearer(token())};
    headers.insert(headers.end(), more.begin(), more.end());
    return std::string(*site.ask("POST", "/v1/session", headers).header("Set-Cookie"));
  };
  CHECK_THAT(begin({}), Catch::StartsWith("ordercast=") && !Contains("Secure"));
  CHECK_THAT(begin({{"X-Forwarded-Proto", "https"}}),
             Catch::StartsWith("__Host-ordercast=") && Contains("Secure"));
  CHECK(site.ask("GET", kStream, {cookie(token(), kPlainCookie)}).status == 200);
  CHECK(site.ask("GET", kStream, {cookie(token())}).status == 200);
}

TEST_CASE("A cookie counts only for pages of this server and those named", "[session]") {
  GuardedSite site({.desk = true, .origins = OriginList({"https://shop.example"})});
  const auto mine = cookie(token({{"write", true}}));
  struct Case {
    std::vector<Header> headers;
    int read;
    int write;
  };
  const Header own{"Origin", "http://localhost"};
  const Header listed{"Origin", "https://shop.example"};
  const Case cases[] = {
      {{},
       200,
       403},  // a program that has the cookie: it may read, but no form of a page may write
      {{own}, 200, 200},
      {{listed}, 200, 200},
      {{{"Origin", "null"}}, 403, 403},
      {{{"Origin", "https://evil.example"}}, 403, 403},
      {{{"Origin", "https://shop.example.evil.example"}}, 403, 403},
      {{{"Origin", "http://shop.example"}}, 403, 403},
      {{{"Sec-Fetch-Site", "same-origin"}, own}, 200, 200},
      {{{"Sec-Fetch-Site", "none"}}, 200, 403},
      {{{"Sec-Fetch-Site", "cross-site"}}, 403, 403},
      {{{"Sec-Fetch-Site", "cross-site"}, own}, 403, 403},
      {{{"Sec-Fetch-Site", "same-site"}}, 403, 403},
      {{{"Sec-Fetch-Site", "cross-site"}, listed}, 200, 200},
      {{{"Sec-Fetch-Site", "same-site"}, {"Origin", "https://other.example"}}, 403, 403}};
  for (const auto& [headers, read, write] : cases) {
    for (const auto& header : headers) INFO(header.name << ": " << header.value);
    auto all = headers;
    all.push_back(mine);
    CHECK(site.ask("GET", kStream, all).status == read);
    CHECK(site.ask("POST", "/v1/orders", all).status == write);
  }
  // Nor does such a page begin or end a session.
  const Header evil{"Origin", "https://evil.example"};
  CHECK(site.ask("POST", "/v1/session", {bearer(token()), evil}).status == 403);
  CHECK(site.ask("DELETE", "/v1/session", {evil}).status == 403);
  CHECK(site.ask("DELETE", "/v1/session").status == 403);
}

TEST_CASE("A ticket opens one stream, once", "[tickets]") {
  GuardedSite site;
  const auto issue = [&] {
    const auto response =
        site.ask("POST", "/v1/tickets", {bearer(token({{"write", true}}, {{"sub", "page"}}))});
    REQUIRE(response.status == 201);
    CHECK(response.header("Cache-Control") == "no-store");
    return json::parse(response.body).at("ticket").get<std::string>();
  };
  const auto ticket = issue();
  CHECK(ticket.size() >= 43);
  const auto opened = site.ask("GET", fmt::format("{}?ticket={}", kStream, ticket));
  CHECK(opened.status == 200);
  // It is no filter of the stream, and does not write.
  CHECK(opened.body == R"({"params":0,"subject":"page","write":false})");
  CHECK(site.ask("GET", fmt::format("{}?ticket={}", kStream, ticket)).status == 401);

  const auto other = issue();
  CHECK(other != ticket);
  CHECK(site.ask("GET", "/v1/orders?ticket=" + other).status == 401);
  CHECK(site.ask("POST", "/v1/tickets?ticket=" + other).status == 401);
  CHECK(site.ask("POST", "/v1/streams/orders/messages?ticket=" + other).status == 401);
  CHECK(site.ask("GET", fmt::format("{}?ticket={}", kStream, other)).status == 200);
  CHECK(site.ask("POST", "/v1/tickets").status == 401);
}

TEST_CASE("Tickets are few, and do not last", "[tickets]") {
  Tickets::Time now{};
  Tickets tickets([&] { return now; });
  const auto grant = everything(false);
  const auto early = tickets.issue(grant);
  const auto late = tickets.issue(grant);
  now += Tickets::kLasts - std::chrono::milliseconds(1);
  CHECK(tickets.redeem(*early) == grant);
  now += std::chrono::milliseconds(1);
  CHECK(tickets.redeem(*late) == nullptr);
  CHECK(tickets.redeem("") == nullptr);
  for (std::size_t i = 0; i < Tickets::kMost; ++i) REQUIRE(tickets.issue(grant).has_value());
  CHECK_FALSE(tickets.issue(grant).has_value());
  now += Tickets::kLasts;
  CHECK(tickets.issue(grant).has_value());
}

TEST_CASE("Only pages of named origins may read", "[cors]") {
  GuardedSite site({}, Cors(OriginList({"https://shop.example", "http://localhost:5173"}), true));
  const auto asked = [&](const char* origin, const char* method = "GET") {
    return site.ask(method, kStream,
                    {{"Origin", origin}, {"Access-Control-Request-Method", "GET"}});
  };
  for (const auto* origin : {"https://shop.example", "http://localhost:5173"}) {
    const auto refused = asked(origin);  // a page may read why
    CHECK(refused.status == 401);
    CHECK(refused.header("Access-Control-Allow-Origin") == origin);
    CHECK(refused.header("Access-Control-Allow-Credentials") == "true");
    CHECK(refused.header("Vary") == "Origin");
    const auto preflight = asked(origin, "OPTIONS");
    CHECK(preflight.status == 204);
    CHECK(preflight.header("Access-Control-Allow-Origin") == origin);
    CHECK_THAT(std::string(*preflight.header("Access-Control-Allow-Headers")),
               Contains("Authorization"));
  }
  for (const auto* origin :
       {"null", "https://evil.example", "http://shop.example", "*", "https://shop.example:444",
        "https://shop.example/", "https://SHOP.example"}) {
    for (const auto* method : {"GET", "OPTIONS"}) {
      INFO(method << " from " << origin);
      const auto response = asked(origin, method);
      CHECK_FALSE(response.header("Access-Control-Allow-Origin").has_value());
      CHECK_FALSE(response.header("Access-Control-Allow-Credentials").has_value());
      CHECK(response.header("Vary") == "Origin");
    }
  }
  GuardedSite quiet;
  CHECK_FALSE(quiet.ask("GET", kStream, {{"Origin", "https://shop.example"}})
                  .header("Access-Control-Allow-Origin")
                  .has_value());
}

TEST_CASE("All origins may read, or cookies count: not both", "[cors]") {
  CHECK_THROWS_WITH(Cors(OriginList({"*"}), true), Contains("--no-sessions"));
  const Cors all(OriginList({"*"}), false);
  Request request;
  request.headers = {{"Origin", "https://any.example"}};
  const auto headers = all.headers_for(request);
  CHECK(headers.at(1).value == "*");
  for (const auto* bad : {"shop.example", "https://shop.example/", "https://Shop.example", "null",
                          "", "https://", "ftp://shop.example", "https://*.example"}) {
    INFO(bad);
    CHECK_THROWS_AS(OriginList({bad}), std::invalid_argument);
  }
  CHECK_THROWS_AS(OriginList({"*", "https://shop.example"}), std::invalid_argument);
}

TEST_CASE("Without tokens only the names of this machine are answered", "[access]") {
  Server server;
  server.route("GET", "/v1/orders", [](const Request&) { return Response{}; });
  auto hosts = loopback_hosts();
  hosts.push_back("board.shop.example");
  server.admit_by(std::make_shared<OpenAccess>(true, hosts), {});
  server.start("127.0.0.1", 0);
  const auto status = [&](const std::string& host) {
    return parse_responses([&] {
             RawConnection connection(server.port());
             connection.send("GET /v1/orders HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
             return connection.read_to_end();
           }())
        .at(0)
        .status;
  };
  for (const auto* host : {"localhost", "localhost:8080", "127.0.0.1:80", "[::1]:8080", "LOCALHOST",
                           "board.shop.example"}) {
    INFO(host);
    CHECK(status(host) == 200);
  }
  for (const auto* host :
       {"evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.2", "[::2]:80"}) {
    INFO(host);
    CHECK(status(host) == 403);
  }
}

}  // namespace
}  // namespace ordercast::http
