#include "http/router.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace ordercast::http {
namespace {

Router::Handler named(const std::string& name) {
  return [name](const Request&) -> StreamAnswer { return Response{.body = name}; };
}

// The name of the handler that is found, or the status of the answer when there is none.
std::string found(const Router& router, std::string_view method,
                  const std::vector<std::string>& segments) {
  const auto result = router.find(method, segments);
  if (const auto* response = std::get_if<Response>(&result))
    return std::to_string(response->status);
  const auto& match = std::get<Router::Match>(result);
  return std::get<Response>((*match.handler)({})).body +
         (match.parameter.empty() ? "" : "(" + match.parameter + ")");
}

Router sample() {
  Router router;
  router.add("GET", "/v1/streams/{stream}", named("stream"));
  router.add("GET", "/v1/streams/all", named("all"));
  router.add("GET", "/", named("board"));
  router.add("GET", "/v1/orders", named("list"));
  router.add("POST", "/v1/orders", named("create"));
  router.add("PATCH", "/v1/orders/{id}", named("change"));
  return router;
}

}  // namespace

TEST_CASE("routes are found by method and path") {
  const auto router = sample();
  CHECK(found(router, "GET", {""}) == "board");
  CHECK(found(router, "GET", {"v1", "orders"}) == "list");
  CHECK(found(router, "POST", {"v1", "orders"}) == "create");
  CHECK(found(router, "PATCH", {"v1", "orders", "7"}) == "change(7)");
}

TEST_CASE("a parameter takes any one segment that is not empty") {
  const auto router = sample();
  CHECK(found(router, "GET", {"v1", "streams", "a/b"}) == "stream(a/b)");
  CHECK(found(router, "GET", {"v1", "streams", "{stream}"}) == "stream({stream})");
  CHECK(found(router, "GET", {"v1", "streams", ""}) == "404");
  CHECK(found(router, "GET", {"v1", "streams", "a", "b"}) == "404");
  CHECK(found(router, "GET", {"v1", "streams"}) == "404");
}

TEST_CASE("a path without a parameter wins, in whatever order they were added") {
  CHECK(found(sample(), "GET", {"v1", "streams", "all"}) == "all");
}

TEST_CASE("HEAD is answered where GET is") {
  CHECK(found(sample(), "HEAD", {"v1", "orders"}) == "list");
  CHECK(found(sample(), "HEAD", {"v1", "orders", "7"}) == "405");
}

TEST_CASE("a wrong method is told the right ones") {
  const auto router = sample();
  const auto result = router.find("DELETE", {"v1", "orders"});
  const auto& response = std::get<Response>(result);
  CHECK(response.status == 405);
  const auto& allow = response.headers.back();
  CHECK(allow.name == "Allow");
  CHECK(allow.value == "GET, HEAD, POST, OPTIONS");
}

TEST_CASE("OPTIONS is told the methods of a path that there is, and permits no other origin") {
  const auto router = sample();
  const auto result = router.find("OPTIONS", {"v1", "orders", "7"});
  const auto& response = std::get<Response>(result);
  CHECK(response.status == 204);
  REQUIRE(response.headers.size() == 1);
  CHECK(response.headers[0].name == "Allow");
  CHECK(response.headers[0].value == "PATCH, OPTIONS");
  CHECK(found(router, "OPTIONS", {"nope"}) == "404");
}

TEST_CASE("an unknown path is told what there is") {
  const auto router = sample();
  const auto result = router.find("GET", {"nope"});
  const auto& response = std::get<Response>(result);
  CHECK(response.status == 404);
  const auto message = nlohmann::json::parse(response.body)["detail"].get<std::string>();
  CHECK(message.find("GET /v1/streams/{stream}") != message.npos);
  CHECK(message.find("nope") == message.npos);
}

TEST_CASE("patterns that are none, or are there already, are refused") {
  auto router = sample();
  CHECK_THROWS_AS(router.add("GET", "v1", named("x")), std::invalid_argument);
  CHECK_THROWS_AS(router.add("GET", "/a?b", named("x")), std::invalid_argument);
  CHECK_THROWS_AS(router.add("GET", "/{a}/{b}", named("x")), std::invalid_argument);
  CHECK_THROWS_AS(router.add("GET", "/v1/orders", named("x")), std::invalid_argument);
  CHECK_THROWS_AS(router.add("GET", "/x", nullptr), std::invalid_argument);
}

}  // namespace ordercast::http
