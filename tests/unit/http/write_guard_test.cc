#include "http/write_guard.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace ordercast::http {
namespace {

constexpr char kBody[] = R"({"status":"paid"})";

Request request_with(std::vector<Header> headers, std::string body = kBody) {
  Request request;
  request.method = "POST";
  request.headers = std::move(headers);
  request.headers.push_back({"Host", "shop.example:8080"});
  request.body = std::move(body);
  return request;
}

// The status of the answer; 0 when the request is let in.
int judged(const Request& request) {
  const auto refusal = refuse_write(request);
  return refusal ? refusal->status : 0;
}

int judged_as_json(std::vector<Header> headers) {
  headers.push_back({"Content-Type", "application/json"});
  return judged(request_with(std::move(headers)));
}

}  // namespace

TEST_CASE("a program that is no browser may write") {
  CHECK(judged_as_json({}) == 0);
}

TEST_CASE("a page of this server may write, one of another site may not") {
  CHECK(judged_as_json(
            {{"Sec-Fetch-Site", "same-origin"}, {"Origin", "http://shop.example:8080"}}) == 0);
  CHECK(judged_as_json({{"Sec-Fetch-Site", "none"}}) == 0);
  for (const auto* site : {"cross-site", "same-site", "", "whatever"}) {
    INFO(site);
    CHECK(judged_as_json({{"Sec-Fetch-Site", site}}) == 403);
    CHECK(judged_as_json({{"Sec-Fetch-Site", site}, {"Origin", "http://shop.example:8080"}}) ==
          403);
  }
  // A proxy that names the server otherwise than the browser does.
  CHECK(judged_as_json({{"Sec-Fetch-Site", "same-origin"}, {"Origin", "https://orders.example"}}) ==
        0);
}

TEST_CASE("a browser without Fetch Metadata is judged by its Origin") {
  CHECK(judged_as_json({{"Origin", "http://shop.example:8080"}}) == 0);
  CHECK(judged_as_json({{"Origin", "https://SHOP.example:8080"}}) == 0);
  for (const auto* origin :
       {"null", "", "http://evil.example", "http://shop.example", "http://shop.example:8081",
        "http://shop.example:8080.evil.example", "shop.example:8080", "http://"}) {
    INFO(origin);
    CHECK(judged_as_json({{"Origin", origin}}) == 403);
  }
}

TEST_CASE("the port that a scheme has anyway need not be named") {
  Request request = request_with({{"Origin", "https://shop.example"}});
  request.headers.back().value = "shop.example:443";
  request.headers.push_back({"Content-Type", "application/json"});
  CHECK(judged(request) == 0);
  request.headers.front().value = "http://shop.example";
  CHECK(judged(request) == 403);
}

TEST_CASE("what a form of HTML can send is refused, and told what is accepted") {
  for (const auto* type : {"application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
                           "text/plain", "text/plain; application/json", "application/jsonx", ""}) {
    INFO(type);
    const auto refusal = refuse_write(request_with({{"Content-Type", type}}));
    REQUIRE(refusal);
    CHECK(refusal->status == 415);
    CHECK(refusal->headers.back().name == "Accept-Post");
    CHECK(refusal->headers.back().value == "application/json");
  }
  CHECK(judged(request_with({})) == 415);
  for (const auto* type : {"application/json", "Application/JSON ; charset=utf-8"}) {
    CHECK(judged(request_with({{"Content-Type", type}})) == 0);
  }
}

TEST_CASE("the body is a JSON object") {
  for (const std::string body : {"", " ", "[]", "null", "{", R"({"a":1)", R"({"a":1} x)", "{a:1}",
                                 "{\"a\":\"\xff\"}", "{\"a\":\"\n\"}"}) {
    INFO(body);
    CHECK(judged(request_with({{"Content-Type", "application/json"}}, body)) == 400);
  }
  for (const std::string body : {"{}", " \n{\"a\":[{}]} "}) {
    CHECK(judged(request_with({{"Content-Type", "application/json"}}, body)) == 0);
  }
}

TEST_CASE("a body of brackets needs no stack") {
  const std::string open(32'000, '[');
  const std::string close(32'000, ']');
  CHECK(judged(request_with({{"Content-Type", "application/json"}},
                            "{\"a\":" + open + close + "}")) == 0);
  CHECK(judged(request_with({{"Content-Type", "application/json"}}, "{\"a\":" + open)) == 400);
}

}  // namespace ordercast::http
