#include "client/node_client.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <string>

#include "support/test_site.h"

namespace ordercast::client {
namespace {

using Catch::Contains;
using testing::TestSite;

std::string url_of(const TestSite& site, const std::string& path = "") {
  return fmt::format("http://127.0.0.1:{}{}", site.port(), path);
}

TEST_CASE("A text that is no URL of a node is refused before anything is asked") {
  for (const auto* url : {"", "127.0.0.1:8080", "ftp://x", "http://", "http:///x", "http://a b/",
                          "http://user:secret@x/", "http://x:99999999999/", "HTTP//x"}) {
    INFO(url);
    CHECK_THROWS_AS(NodeClient({.url = url}), std::invalid_argument);
  }
}

TEST_CASE(
    "An answer of any status is handed back, below the URL's path, and the token is brought") {
  TestSite site;
  const NodeClient client({.url = url_of(site, "/items/"), .token = "abc"});
  const auto got = client.get("/7");
  CHECK(got.status == 200);
  CHECK_THAT(got.body, Contains(R"("parameter":"7")") && Contains("Bearer abc"));
  CHECK_THAT(NodeClient({.url = url_of(site, "/items")}).get("/7").body, !Contains("Bearer"));
  const auto posted = NodeClient({.url = url_of(site)}).post("/echo", R"({"a":1})");
  CHECK(posted.status == 200);
  CHECK_THAT(posted.body, Contains(R"("method":"POST")") && Contains("application/json") &&
                              Contains(R"({\"a\":1})"));
  const auto missing = client.get("/v1/nothing");
  CHECK(missing.status == 404);
  CHECK(!explanation(missing).empty());
}

TEST_CASE("A stream is handed on as it comes, until enough has come") {
  TestSite site;
  const NodeClient client({.url = url_of(site)});
  std::string received;
  const auto answer = client.stream("/stream/hold", [&](std::string_view piece) {
    received += piece;
    return received.find("open") == received.npos;
  });
  CHECK(answer.status == 200);
  CHECK(answer.body.empty());
  CHECK_THAT(received, Contains("data: open"));
}

TEST_CASE("What does not answer, falls silent or ends too early is unreachable") {
  TestSite site;
  const auto more = [](std::string_view) { return true; };
  CHECK_THROWS_AS(NodeClient({.url = "http://127.0.0.1:1"}).get("/"), NodeUnreachable);
  CHECK_THROWS_AS(NodeClient({.url = url_of(site), .patience = std::chrono::milliseconds(100)})
                      .stream("/stream/hold", more),
                  NodeUnreachable);
  CHECK_THROWS_WITH(NodeClient({.url = url_of(site)}).stream("/stream/three", more),
                    Contains("has ended the stream"));
}

TEST_CASE("A refusal without a reason is told by its status") {
  CHECK(explanation({502, "<html>"}) == "answered with status 502");
  CHECK(explanation({401, R"({"detail":"bring a token"})"}) == "bring a token");
}

}  // namespace
}  // namespace ordercast::client
