#include "http/request_target.h"

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

namespace ordercast::http {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

RequestTarget parsed(const std::string& raw) {
  return std::get<RequestTarget>(parse_request_target(raw));
}

Pairs params(const std::string& query) {
  Pairs pairs;
  for (const auto& [name, value] : parsed("/?" + query).params) pairs.emplace_back(name, value);
  return pairs;
}

std::string refusal_code(const std::string& raw) {
  const auto result = parse_request_target(raw);
  const auto* refusal = std::get_if<Refusal>(&result);
  return refusal == nullptr ? "" : refusal->code;
}

}  // namespace

TEST_CASE("a path is decoded, segment by segment") {
  const auto target = parsed("/v1/streams/caf%C3%A9%20bar");
  CHECK(target.path == "/v1/streams/caf\xc3\xa9 bar");
  CHECK(target.segments == std::vector<std::string>{"v1", "streams", "caf\xc3\xa9 bar"});
}

TEST_CASE("an encoded slash parts no segments") {
  CHECK(parsed("/a%2Fb").segments == std::vector<std::string>{"a/b"});
}

TEST_CASE("the root and trailing slashes have empty segments") {
  CHECK(parsed("/").segments == std::vector<std::string>{""});
  CHECK(parsed("/a/").segments == std::vector<std::string>{"a", ""});
  CHECK(parsed("//a").segments == std::vector<std::string>{"", "a"});
}

TEST_CASE("a plus in a path is a plus") {
  CHECK(parsed("/a+b").path == "/a+b");
}

TEST_CASE("a query keeps order and duplicates") {
  CHECK(params("b=1&a=2&b=3") == Pairs{{"b", "1"}, {"a", "2"}, {"b", "3"}});
}

TEST_CASE("a query is decoded after it has been taken apart") {
  CHECK(params("a%3Db=c%26d&e=f%3Dg=h") == Pairs{{"a=b", "c&d"}, {"e", "f=g=h"}});
  CHECK(params("note=two+words%2B") == Pairs{{"note", "two words+"}});
  CHECK(params("note=line%0D%0Abreak") == Pairs{{"note", "line\r\nbreak"}});
}

TEST_CASE("empty pieces of a query are skipped, empty names and values are not") {
  CHECK(params("") == Pairs{});
  CHECK(params("&&a&") == Pairs{{"a", ""}});
  CHECK(params("=1&b=") == Pairs{{"", "1"}, {"b", ""}});
}

TEST_CASE("a second question mark belongs to the query") {
  CHECK(params("a=what?&b=?") == Pairs{{"a", "what?"}, {"b", "?"}});
}

TEST_CASE("what PostgREST clients write unescaped is taken") {
  CHECK(params("or=(status.eq.paid,total.gte.100)&name=like.*Br\xc3\xa4u*") ==
        Pairs{{"or", "(status.eq.paid,total.gte.100)"}, {"name", "like.*Br\xc3\xa4u*"}});
}

TEST_CASE("targets that are no path are refused") {
  for (const char* raw : {"", "*", "a", "http://x/", "/a#b", "/a?b#c", "?a"}) {
    INFO(raw);
    CHECK(refusal_code(raw) == "bad_target");
  }
}

TEST_CASE("paths that do not decode to clean UTF-8 are refused") {
  for (const char* raw : {"/%", "/%4", "/%zz", "/%00", "/%0a", "/%0D%0A", "/%7f", "/%ff", "/%c0%80",
                          "/\xff", "/%ed%a0%80", "/%u0041", "/a%0/b"}) {
    INFO(raw);
    CHECK(refusal_code(raw) == "bad_path");
  }
}

TEST_CASE("queries that do not decode to UTF-8 without NUL are refused") {
  for (const char* raw :
       {"/?%", "/?a=%4", "/?a=100%", "/?%00=a", "/?a=%00", "/?a=%ff", "/?\xc0\x80", "/?a=%u0041"}) {
    INFO(raw);
    CHECK(refusal_code(raw) == "bad_query");
  }
}

}  // namespace ordercast::http
